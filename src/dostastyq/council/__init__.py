"""The council and its secretariat: from a draft to a decision to an act of a treaty."""
