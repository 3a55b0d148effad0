"""The settings: a frame, and a module for each section."""
