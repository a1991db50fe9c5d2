"""Trained models (ONNX) with their cards and checksums: a pen that writes words."""
