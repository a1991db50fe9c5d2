"""How the shipped models were trained; nothing of the library imports it."""
