"""What is said: words, prompts around them, names as they are spoken, recordings, and how long it all takes."""
