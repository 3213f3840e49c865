"""How the models are made and scored: public data + own relation corpus ─▶ network ─▶ int8 ONNX ─▶ docs/accuracy.md.

Nothing here runs in the product; the dependencies are in training/requirements.txt.
"""
