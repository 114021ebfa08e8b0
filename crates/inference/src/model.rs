//! A loaded ONNX model.
