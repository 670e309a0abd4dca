"""Councils and their secretariat: from a draft to a decision to a treaty act."""
