"""Writes tests/fixtures/formats/corpus_*.parquet with pyarrow: small tables shaped like nanochat's shards
(column "text", zstd, several row groups) and what other writers make of it.

    python3 -m venv /tmp/pq && /tmp/pq/bin/pip install pyarrow && /tmp/pq/bin/python tests/peers/parquet_fixture.py
"""
import json
import platform
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = Path(__file__).parent.parent / "fixtures" / "formats"
ROWS = 25
ROWS_OF_GROUP = 10

texts = [f"Document {i}: " + "naïve café, 文字 🙂 line\n" * (i % 4 + 1) for i in range(ROWS)]
texts[7] = texts[17] = None  # nulls are left out
texts[24] = ""
scores = list(range(ROWS))
table = pa.table({"score": pa.array(scores, pa.int64()), "text": pa.array(texts, pa.string())})

VARIANTS = {
    # as nanochat's repackaging writes its shards
    "zstd": dict(compression="zstd", compression_level=3, use_dictionary=False),
    "snappy_dictionary": dict(compression="snappy", use_dictionary=True),
    "gzip_v2": dict(compression="gzip", data_page_version="2.0", use_dictionary=False),
    "plain": dict(compression="none", use_dictionary=True),
    "brotli": dict(compression="brotli", use_dictionary=False),
    "lz4": dict(compression="lz4", use_dictionary=True),
    "delta_length": dict(
        compression="zstd", use_dictionary=False, column_encoding={"text": "DELTA_LENGTH_BYTE_ARRAY"}
    ),
    "delta_strings": dict(
        compression="none", use_dictionary=False, column_encoding={"text": "DELTA_BYTE_ARRAY"}
    ),
}

for name, options in VARIANTS.items():
    path = FOLDER / f"corpus_{name}.parquet"
    pq.write_table(table, path, row_group_size=ROWS_OF_GROUP, write_statistics=False, **options)
    facts = pq.ParquetFile(path).metadata
    assert facts.num_row_groups == 3, facts

pq.write_table(table.slice(0, 0), FOLDER / "corpus_empty.parquet")

note = {
    "script": "tests/peers/parquet_fixture.py",
    "licence": "MIT, made for this project",
    "python": platform.python_version(),
    "pyarrow": pa.__version__,
    "rowGroups": 3,
    "texts": [text for text in texts if text],
}
(FOLDER / "corpus_parquet.note.json").write_text(json.dumps(note, ensure_ascii=False, indent=1) + "\n")
