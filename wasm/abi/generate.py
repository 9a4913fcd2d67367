#!/usr/bin/env python3
"""Makes the TypeScript side of the C ABI from wasm/abi/ossicle.h and, for the module ossicle-private, wasm/abi/ossicle_private.h.

  generate.py                  writes web/engine/src/abi.gen.ts, web/engine/src/private/private.gen.ts, wasm/exports.txt, wasm/exports-private.txt
  generate.py --check          fails when one of them is not what would be written
  generate.py --cpp FILE       writes the C++ header that carries the ABI hash (used by wasm/CMakeLists.txt)
  generate.py --private FILE   the same for ossicle-private

The headers are the only source: struct sizes and offsets are computed here by the rules of wasm32 and static_asserted in the header of
--cpp, so a difference between the two stops the build. The ABI hash is the first 8 bytes, as a big-endian number, of SHA-256
over the header without comments and with white space collapsed.
"""

import argparse
import hashlib
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER = ROOT / 'wasm/abi/ossicle.h'
STATUS = ROOT / 'core/include/ossicle/status.h'
IMPORTS = ROOT / 'wasm/imports.txt'
EXPORTS = ROOT / 'wasm/exports.txt'
TYPESCRIPT = ROOT / 'web/engine/src/abi.gen.ts'
PRIVATE_HEADER = ROOT / 'wasm/abi/ossicle_private.h'
PRIVATE_EXPORTS = ROOT / 'wasm/exports-private.txt'
PRIVATE_TYPESCRIPT = ROOT / 'web/engine/src/private/private.gen.ts'

# C type -> (bytes, DataView accessor, TypeScript type)
SCALARS = {
    'char': (1, 'Uint8', 'number'),
    'uint8_t': (1, 'Uint8', 'number'),
    'int32_t': (4, 'Int32', 'number'),
    'uint32_t': (4, 'Uint32', 'number'),
    'int64_t': (8, 'BigInt64', 'bigint'),
    'uint64_t': (8, 'BigUint64', 'bigint'),
    'float': (4, 'Float32', 'number'),
    'double': (8, 'Float64', 'number'),
}
ALIASES = {'osl_code': 'int32_t'}
RUNTIME_EXPORTS = ['_initialize', 'memory']
# Of ossicle.h, in every module.
SHARED_FUNCTIONS = ['osl_abi_hash', 'osl_memory_take', 'osl_memory_give', 'osl_memory_count']
# Emscripten exports these whatever is asked; nothing uses them.
UNUSED_EXPORTS = ['__indirect_function_table', '_emscripten_stack_restore', 'emscripten_stack_get_current']
RESERVED_WORDS = {'import'}  # of TypeScript, used as parameter names in the header


class AbiError(Exception):
    """The header says something that this script does not understand."""


def strip_comments(text):
    return re.sub(r'/\*.*?\*/|//[^\n]*', ' ', text, flags=re.S)


def abi_hash(header):
    normal = ' '.join(strip_comments(header).split())
    return hashlib.sha256(normal.encode()).hexdigest()[:16]


def camel(name):
    head, *rest = name.split('_')
    return head + ''.join(p.capitalize() for p in rest)


def struct_name(name):
    return 'O' + camel(name)[1:]


class Field:
    def __init__(self, kind, name, count, offset):
        self.kind, self.name, self.count, self.offset = kind, name, count, offset


class Struct:
    def __init__(self, name, fields, size, align):
        self.name, self.fields, self.size, self.align = name, fields, size, align


def parse_structs(text):
    structs = {}
    for body, name in re.findall(r'typedef struct osl_\w+ \{(.*?)\} (osl_\w+);', text, flags=re.S):
        offset, align, fields = 0, 1, []
        for statement in filter(None, (s.strip() for s in body.split(';'))):
            match = re.fullmatch(r'(\w+)\s+(.+)', statement, flags=re.S)
            kind = ALIASES.get(match[1], match[1])
            if kind in SCALARS:
                size = own_align = SCALARS[kind][0]
            elif kind in structs:
                size, own_align = structs[kind].size, structs[kind].align
            else:
                raise AbiError(f'{name}: unknown type {kind}')
            for declarator in match[2].split(','):
                part = re.fullmatch(r'\s*(\w+)(?:\[(\d+)\])?\s*', declarator)
                if part is None:
                    raise AbiError(f'{name}: cannot read "{declarator}"')
                count = int(part[2]) if part[2] else None
                if offset % own_align:
                    # Padding would be bytes that nobody wrote; the header has a `reserved` field instead.
                    raise AbiError(f'{name}.{part[1]}: hidden padding before it, at {offset}')
                fields.append(Field(kind, part[1], count, offset))
                offset += size * (count or 1)
                align = max(align, own_align)
        if offset % align:
            raise AbiError(f'{name}: hidden padding at its end, at {offset}')
        structs[name] = Struct(name, fields, offset, align)
    return structs


def value_type(kind):
    """TypeScript type of a C parameter or result: pointers are numbers, 64-bit integers are bigints."""
    kind = ' '.join(kind.split())
    if kind == 'void':
        return 'void'
    if '*' in kind or '[' in kind:
        return 'number'
    kind = ALIASES.get(kind, kind)
    if kind not in SCALARS:
        raise AbiError(f'a parameter of type {kind}')
    return SCALARS[kind][2]


def parse_functions(text):
    text = re.sub(r'typedef struct osl_\w+ \{.*?\} osl_\w+;', '', text, flags=re.S)
    functions = []
    for result, name, params in re.findall(r'([\w ]+?[\s*]+)(osl_\w+)\(([^)]*)\)\s*;', text):
        arguments = []
        for param in params.split(','):
            param = param.strip()
            if param == 'void':
                continue
            match = re.fullmatch(r'(.*?)(\w+)(\[\d*\])?', param, flags=re.S)
            argument = match[2] + '_handle' if match[2] in RESERVED_WORDS else match[2]
            arguments.append((argument, value_type(match[1] + (match[3] or ''))))
        functions.append((name, arguments, value_type(result)))
    named = re.findall(r'\b(osl_\w+)\s*\(', text)
    if [name for name, _, _ in functions] != named:
        raise AbiError(f'cannot read a declaration: {sorted(set(named) - {f[0] for f in functions})}')
    return functions


def parse_codes():
    body = re.search(r'enum class Code : std::int32_t \{(.*?)\};', strip_comments(STATUS.read_text()), flags=re.S)[1]
    codes = [(name, int(number)) for name, number in re.findall(r'k(\w+)\s*=\s*(\d+)', body)]
    if [number for _, number in codes] != list(range(len(codes))):
        raise AbiError('status.h: the codes are not 0, 1, 2, ...')
    return [re.sub(r'(?<!^)([A-Z])', r'_\1', name).lower() for name, _ in codes]


def list_lines(path):
    return [line for line in path.read_text().split('\n') if line and not line.startswith('#')]


def struct_typescript(struct):
    interface = struct_name(struct.name)
    fields, reads, writes = [], [], []
    for f in struct.fields:
        name, at = camel(f.name), f'at + {f.offset}' if f.offset else 'at'
        if f.kind in SCALARS:
            size, accessor, kind = SCALARS[f.kind]
            little = '' if size == 1 else ', true'
            if f.count is None:
                fields.append(f'  {name}: {kind};')
                reads.append(f'      {name}: view.get{accessor}({at}{little}),')
                writes.append(f'    view.set{accessor}({at}, value.{name}{little});')
            elif size == 1:
                fields.append(f'  /** {f.count} bytes. */\n  {name}: Uint8Array;')
                reads.append(f'      {name}: bytesOf(view, {at}, {f.count}).slice(),')
                writes.append(f'    bytesOf(view, {at}, {f.count}).set(value.{name});')
            else:
                fields.append(f'  /** {f.count} numbers. */\n  {name}: {kind}[];')
                reads.append(f'      {name}: Array.from({{ length: {f.count} }}, (_, i) => view.get{accessor}({at} + i * {size}{little})),')
                writes.append(f'    value.{name}.forEach((x, i) => view.set{accessor}({at} + i * {size}, x{little}));')
        else:
            nested = struct_name(f.kind)
            fields.append(f'  {name}: {nested};')
            reads.append(f'      {name}: {nested}.read(view, {at}),')
            writes.append(f'    {nested}.write(view, {at}, value.{name});')
    offsets = ', '.join(f'{camel(f.name)}: {f.offset}' for f in struct.fields)
    return '\n'.join([
        f'/** The C struct `{struct.name}`. */',
        f'export interface {interface} {{', *fields, '}', '',
        f'export const {interface} = {{',
        f'  size: {struct.size},',
        f'  offset: {{ {offsets} }},',
        f'  read(view: DataView, at: number): {interface} {{', '    return {', *reads, '    };', '  },',
        f'  write(view: DataView, at: number, value: {interface}): void {{', *writes, '  },',
        '} as const;', ''])


def typescript(header):
    text = strip_comments(header)
    structs, functions = parse_structs(text), parse_functions(text)
    codes = parse_codes()
    lines = [
        '// Generated by wasm/abi/generate.py from wasm/abi/ossicle.h: run `python3 wasm/abi/generate.py` instead of editing.',
        '/* eslint-disable */',
        '',
        '/** `osl_abi_hash()` of a module that fits these bindings; compare with `BigInt.asUintN(64, hash)`. */',
        f'export const ABI_HASH = 0x{abi_hash(header)}n;',
        '',
        '/** Names of the codes that calls return; the index is the code. */',
        'export const CODE_NAMES = [', *(f"  '{c}'," for c in codes), '] as const;', '',
        'export type CodeName = (typeof CODE_NAMES)[number];', '',
        '/** The item number that means "not in the catalogue". */',
        'export const NO_ITEM = 0xffffffff;', '',
        'function bytesOf(view: DataView, at: number, length: number): Uint8Array {',
        '  return new Uint8Array(view.buffer, view.byteOffset + at, length);',
        '}', '',
        *(struct_typescript(s) for s in structs.values()),
        *exports_typescript('AbiExports', 'EXPECTED_EXPORTS', functions),
        '/** Everything a module imports, as "module.name", sorted. */',
        'export const EXPECTED_IMPORTS: readonly string[] = [',
        *(f"  '{i}'," for i in list_lines(IMPORTS)), '];', '']
    return '\n'.join(lines)


def exports_typescript(interface, constant, functions):
    return [
        '/** What a module exports. Pointers and sizes are numbers, 64-bit integers bigints (signed when returned). */',
        f'export interface {interface} {{',
        '  readonly memory: WebAssembly.Memory;',
        '  /** Runs the static constructors; once, before anything else. */',
        '  _initialize(): void;',
        *(f'  {name}({", ".join(f"{camel(a)}: {t}" for a, t in arguments)}): {result};' for name, arguments, result in functions),
        '}', '', '/** Everything a module exports, sorted. */', f'export const {constant} = [',
        *(f"  '{e}'," for e in expected_exports(functions)), '] as const;', '']


def private_typescript(header, private):
    return '\n'.join([
        '// Generated by wasm/abi/generate.py from wasm/abi/ossicle_private.h: run `python3 wasm/abi/generate.py` instead of editing.',
        '',
        '/** `osl_abi_hash()` of a module ossicle-private that fits these bindings. */',
        f'export const PRIVATE_HASH = 0x{private_hash(header, private)}n;', '',
        *private_constants(private),
        *exports_typescript('PrivateExports', 'PRIVATE_EXPORTS', private_functions(header, private))])


def private_constants(private):
    """Numbers that the header defines."""
    numbers = re.findall(r'^#define OSL_(\w+) (\d+)$', private, flags=re.M)
    return ['/** What the table of a report is made of. */', *(f'export const {name} = {value};' for name, value in numbers), '']


def private_functions(header, private):
    shared = [f for f in parse_functions(strip_comments(header)) if f[0] in SHARED_FUNCTIONS]
    return shared + parse_functions(strip_comments(private))


def private_hash(header, private):
    """Over the one header; what it takes from the other one are a code, an error and memory."""
    error = re.search(r'typedef struct osl_error \{.*?\} osl_error;', header, flags=re.S)[0]
    return abi_hash(error + private)


def expected_exports(functions):
    return sorted([name for name, _, _ in functions] + RUNTIME_EXPORTS)


def exports_text(functions):
    return '\n'.join(['# Generated by wasm/abi/generate.py: everything a module exports.', *sorted(expected_exports(functions) + UNUSED_EXPORTS), ''])


def cpp_text(header):
    text = strip_comments(header)
    lines = ['// Generated by wasm/abi/generate.py.', '#include <cstddef>', '#include <cstdint>', '#include "ossicle.h"', '',
             f'inline constexpr std::uint64_t kOslAbiHash = 0x{abi_hash(header)}u;', '']
    for s in parse_structs(text).values():
        lines.append(f'static_assert(sizeof({s.name}) == {s.size} && alignof({s.name}) == {s.align});')
        lines += [f'static_assert(offsetof({s.name}, {f.name}) == {f.offset});' for f in s.fields]
    return '\n'.join(lines + [''])


def private_cpp_text(header, private):
    return '\n'.join(['// Generated by wasm/abi/generate.py.', '#include <cstdint>', '',
                      f'inline constexpr std::uint64_t kOslPrivateHash = 0x{private_hash(header, private)}u;', ''])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--check', action='store_true')
    parser.add_argument('--cpp', metavar='FILE', type=pathlib.Path)
    parser.add_argument('--private', metavar='FILE', type=pathlib.Path)
    args = parser.parse_args()
    header, private = HEADER.read_text(), PRIVATE_HEADER.read_text()
    if args.cpp:
        args.cpp.write_text(cpp_text(header))
        return 0
    if args.private:
        args.private.write_text(private_cpp_text(header, private))
        return 0
    stale = 0
    for path, text in ((TYPESCRIPT, typescript(header)), (EXPORTS, exports_text(parse_functions(strip_comments(header)))),
                       (PRIVATE_TYPESCRIPT, private_typescript(header, private)),
                       (PRIVATE_EXPORTS, exports_text(private_functions(header, private)))):
        if not args.check:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            print(f'{path.relative_to(ROOT)} does not fit the headers in wasm/abi: run python3 wasm/abi/generate.py', file=sys.stderr)
            stale = 1
    return stale


if __name__ == '__main__':
    try:
        sys.exit(main())
    except AbiError as error:
        print(f'wasm/abi/generate.py: {error}', file=sys.stderr)
        sys.exit(2)
