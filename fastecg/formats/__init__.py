"""Writers: pages to PNG and JPEG bytes, records to WFDB, and files that are whole or absent."""
