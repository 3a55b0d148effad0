"""Measurements: a world of any size, and how quickly the program works in it. Nobody imports this room."""
