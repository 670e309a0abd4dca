"""How the shipped baselines are made: inputs, gravity, fill, publish."""
