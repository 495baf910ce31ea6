"""Writes the Parquet files beside this script: the same table as several writers write it.

pip install pyarrow==26.0.1 polars==2.1.0 duckdb==2.0.0
"""
import pathlib

import duckdb
import polars
import pyarrow
import pyarrow.parquet

folder = pathlib.Path(__file__).parent
texts = ['The library opens at nine.', 'The library opens at ten.', 'Zwölf Gäste.'] + [f'Row {row} of the table.' for row in range(3, 200)]
names = ['a', None, 'c'] + [f'row-{row}' for row in range(3, 200)]
langs = ['en', None, 'de'] + ['en'] * 197
nested = [[row, row + 1] for row in range(200)]
table = pyarrow.table({'nested': nested, 'body': texts, 'lang': langs, 'name': names})


def arrow(name, types=pyarrow.string(), **options):
    columns = [column if column_name == 'nested' else column.cast(types) for column_name, column in zip(table.column_names, table.columns)]
    pyarrow.parquet.write_table(pyarrow.table(dict(zip(table.column_names, columns))), folder / f'{name}.parquet', **options)


for codec in ['none', 'snappy', 'gzip', 'brotli', 'zstd', 'lz4']:
    arrow(f'arrow-{codec}', compression=codec, row_group_size=120)
arrow('arrow-large', pyarrow.large_string(), compression='snappy', write_page_checksum=True)
arrow('arrow-view', pyarrow.string_view(), use_dictionary=False, data_page_version='2.0', compression='gzip')
arrow('arrow-dictionary', pyarrow.dictionary(pyarrow.int32(), pyarrow.string()), data_page_version='2.0', write_page_index=True)
arrow('arrow-delta', use_dictionary=False, compression='zstd', column_encoding={'body': 'DELTA_BYTE_ARRAY', 'name': 'DELTA_LENGTH_BYTE_ARRAY'})
polars.from_arrow(table).write_parquet(folder / 'polars.parquet')
rows = table
duckdb.connect().execute(f"copy rows to '{folder}/duckdb.parquet' (parquet_version v2)")
