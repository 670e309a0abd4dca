"""Rules of origin: an edition for each state and day, its criteria evaluated over a bill of materials."""
