"""From an image of a paper ECG back to its leads in mV."""
