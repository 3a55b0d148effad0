"""The words and options of the commands, by what they are about."""
