"""What can be asked at the door, one file a matter: each gives its rows of the table of endpoints."""
