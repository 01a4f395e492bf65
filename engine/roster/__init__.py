"""From files to a roster: OneRoster bundles, side files, phone numbers, and every bad row reported."""
