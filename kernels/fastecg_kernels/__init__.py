"""Pure compute for fastecg: arrays in, arrays out; knows nothing of ECGs or pages."""
