"""Trained models (ONNX) with their cards and checksums; none has landed yet."""
