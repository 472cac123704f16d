# Runs an ONNX model: python run_onnx.py MODEL INPUTS OUTPUTS. Inputs and outputs are raw little-endian float32.
import sys
import numpy
import onnxruntime
model, inputs, outputs = sys.argv[1:]
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
image = session.get_inputs()[0]
images = numpy.fromfile(inputs, "<f4").reshape([-1, *image.shape[1:]])
batches = numpy.array_split(images, -(-len(images) // 16))
scores = [session.run(None, {image.name: batch})[0] for batch in batches]
numpy.concatenate(scores).astype("<f4").tofile(outputs)
print(onnxruntime.__version__)
