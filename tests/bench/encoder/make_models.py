#!/usr/bin/env python3
"""Random weights of an encoder's layers, the same for every engine.

    make_models.py FOLDER NAME LAYERS CHANNELS HEADS FEED_FORWARD

writes into FOLDER:
    NAME.f32            the weights, little-endian f32, layer by layer in the order of BlockWeights
    NAME-f32.onnx       the same in ONNX, on the fused operators that ONNX Runtime's own optimiser makes
    NAME-int8-*.onnx    quantised by ONNX Runtime: dynamic, weights signed or unsigned, per tensor or channel

The graph maps "state" [1, tokens, channels] to "output" of the same shape.
"""
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

EPSILON = 1e-12


def weights(layers, channels, feed_forward):
    """Sums of four uniform numbers: near normal, as trained weights are, with the usual variance."""
    random = np.random.default_rng(1)

    def noise(*shape, scale):
        return ((random.random((4, *shape), dtype=np.float32).sum(axis=0) - 2) * np.float32(scale * 3**0.5)).astype(np.float32)

    def matrix(out, fan_in):
        return noise(out, fan_in, scale=fan_in**-0.5)

    c, f = channels, feed_forward
    for _ in range(layers):
        yield {
            "qkv_weight": matrix(3 * c, c),
            "qkv_bias": noise(3 * c, scale=0.1),
            "out_weight": matrix(c, c),
            "out_bias": noise(c, scale=0.1),
            "norm1_weight": 1 + noise(c, scale=0.1),
            "norm1_bias": noise(c, scale=0.1),
            "up_weight": matrix(f, c),
            "up_bias": noise(f, scale=0.1),
            "down_weight": matrix(c, f),
            "down_bias": noise(c, scale=0.1),
            "norm2_weight": 1 + noise(c, scale=0.1),
            "norm2_bias": noise(c, scale=0.1),
        }


def graph(layers, channels, heads):
    """The operators that onnxruntime.transformers fuses a BERT into."""
    nodes, tensors = [], []

    def constant(name, value):
        tensors.append(numpy_helper.from_array(np.ascontiguousarray(value, dtype=np.float32), name))
        return name

    def node(op, inputs, output, domain="", **attributes):
        nodes.append(helper.make_node(op, inputs, [output], name=output, domain=domain, **attributes))
        return output

    x = "state"
    for i, w in enumerate(layers):
        at = lambda name: f"layer{i}.{name}"
        take = lambda name: constant(at(name), w[name].T if w[name].ndim == 2 else w[name])
        context = node("Attention", [x, take("qkv_weight"), take("qkv_bias")], at("context"), "com.microsoft", num_heads=heads)
        out = node("MatMul", [context, take("out_weight")], at("out"))
        x = node(
            "SkipLayerNormalization",
            [out, x, take("norm1_weight"), take("norm1_bias"), take("out_bias")],
            at("norm1"),
            "com.microsoft",
            epsilon=EPSILON,
        )
        up = node("MatMul", [x, take("up_weight")], at("up"))
        hidden = node("BiasGelu", [up, take("up_bias")], at("hidden"), "com.microsoft")
        down = node("MatMul", [hidden, take("down_weight")], at("down"))
        last = i + 1 == len(layers)
        x = node(
            "SkipLayerNormalization",
            [down, x, take("norm2_weight"), take("norm2_bias"), take("down_bias")],
            "output" if last else at("norm2"),
            "com.microsoft",
            epsilon=EPSILON,
        )
    shape = [1, "tokens", channels]
    value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    model = helper.make_model(
        helper.make_graph(nodes, "encoder", [value("state")], [value("output")], tensors),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)],
    )
    model.ir_version = 8
    return model


def main():
    folder, name = Path(sys.argv[1]), sys.argv[2]
    n_layers, channels, heads, feed_forward = map(int, sys.argv[3:7])
    folder.mkdir(parents=True, exist_ok=True)
    layers = list(weights(n_layers, channels, feed_forward))
    flat = [array.ravel() for layer in layers for array in layer.values()]
    np.concatenate(flat).astype("<f4").tofile(folder / f"{name}.f32")
    model = folder / f"{name}-f32.onnx"
    onnx.save(graph(layers, channels, heads), model)
    for sign, weight_type in (("s8", QuantType.QInt8), ("u8", QuantType.QUInt8)):
        for unit, per_channel in (("tensor", False), ("channel", True)):
            target = folder / f"{name}-int8-{sign}-{unit}.onnx"
            quantize_dynamic(
                model,
                target,
                op_types_to_quantize=["MatMul", "Attention"],
                weight_type=weight_type,
                per_channel=per_channel,
                extra_options={"MatMulConstBOnly": True, "DefaultTensorType": TensorProto.FLOAT},
            )


if __name__ == "__main__":
    main()
