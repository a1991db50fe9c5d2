"""The stages of a page, one file each, named as in the paper's pipeline."""
