"""From treaty to duty, with a proof for every step."""
