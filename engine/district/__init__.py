"""What a district sets and is allowed: its settings in force, its passwords, whether it may phone, its customer ids."""
