"""What is shipped to run callchain as a service."""
