"""Training of the little net that finds lead names, speeds and gains in print."""
