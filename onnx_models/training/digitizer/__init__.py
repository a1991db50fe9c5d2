"""How the digitizer's networks were trained: on pages that fastecg makes itself."""
