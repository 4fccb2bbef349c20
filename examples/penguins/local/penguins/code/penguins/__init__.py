"""Steps of the penguins pipeline: plain Python, standard library only."""
