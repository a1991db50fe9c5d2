"""The command line, pages and files of ECG-Image-Kit (arXiv 2307.01946), made by our own code."""
