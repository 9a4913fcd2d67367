"""Writes a style bundle: bundle.json and style.safetensors, as core/include/ossicle/style.h reads them."""

import hashlib
import json

import numpy

NO_LABEL = 0xFFFFFFFF


def _quantised(rows):
    """f32 rows to int8 with one scale each."""
    scale = numpy.abs(rows).max(axis=1) / 127
    levels = numpy.round(rows / numpy.where(scale > 0, scale, 1)[:, None])
    return levels.astype(numpy.int8), scale.astype(numpy.float32)


def _safetensors(tensors):
    """Largest elements first, the data at a multiple of 64: what the core reads."""
    kinds = {"int8": "I8", "uint8": "U8", "uint32": "U32", "float32": "F32"}
    header, data = {}, b""
    for name, array in sorted(tensors.items(), key=lambda entry: (-entry[1].itemsize, entry[0])):
        raw = numpy.ascontiguousarray(array).tobytes()
        where = [len(data), len(data) + len(raw)]
        header[name] = {"dtype": kinds[array.dtype.name], "shape": list(array.shape), "data_offsets": where}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % 64)
    return len(text).to_bytes(8, "little") + text + data


def _with_calibration(prefix, rows, scale, bias):
    levels, row_scale = _quantised(rows)
    columns = {"row_scale": row_scale, "scale": scale, "bias": bias}
    return {prefix: levels, **{f"{prefix}.{k}": v.astype(numpy.float32) for k, v in columns.items()}}


def write(folder, labels, zero_shot, head_labels, head, encoder_sha256, facts):
    """zero_shot and head: (rows, scale, bias). Returns the size of the file."""
    names = [label.name.encode() for label in labels]
    kinds = {"genre": 0, "mood": 1, "instrument": 2}
    tensors = {
        "style.version": numpy.array([1], dtype=numpy.uint32),
        "style.label.bytes": numpy.frombuffer(b"".join(names), dtype=numpy.uint8),
        "style.label.offset": numpy.cumsum([0, *map(len, names)]).astype(numpy.uint32),
        "style.kind": numpy.array([kinds[label.kind] for label in labels], dtype=numpy.uint8),
        "style.parent": numpy.array([NO_LABEL if x.parent is None else x.parent for x in labels], dtype=numpy.uint32),
        "style.head.label": numpy.array(head_labels, dtype=numpy.uint32),
        **_with_calibration("style.vector", *zero_shot),
        **_with_calibration("style.head", *head),
    }
    file = _safetensors(tensors)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "style.safetensors").write_bytes(file)
    entry = {"path": "style.safetensors", "bytes": len(file), "sha256": hashlib.sha256(file).hexdigest()}
    shape = {"labels": len(labels), "dimensions": zero_shot[0].shape[1], "encoder": encoder_sha256}
    manifest = {"format": "ossicle-bundle", "version": 1, "kind": "style", **facts, "files": [entry], "style": shape}
    (folder / "bundle.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return len(file)
