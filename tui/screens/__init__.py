"""The dashboard's screens, a file each."""
