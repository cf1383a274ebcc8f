"""What an input of a person may cost at most: bytes, files and seconds, in one place.

They hold every process below 2 GB of memory until a network is loaded, whatever it is given: up to some 400,000
pictures (4 KB each) and 16 cores (each core more may add some 20 MB). docs/reference/data-sets.md tells them. How many
times over an archive may unpack stands in datasets/bounds.py.
"""

# Of a folder, an archive or a MedMNIST array: some 1 KB of memory each. MIMIC-CXR has 605,000 with its reports.
MOST_FILES = 1_000_000
# A file of an archive or folder may lie there up to this size: volumes and videos, of which only the start is read.
MOST_MEMBER_BYTES = 2 << 30
# Read whole, because it may be a picture, or several in one file.
MOST_PICTURE_BYTES = 400_000_000
# Of one picture: judged by its header. Decoding takes up to four times the bytes of its values.
MOST_PIXELS = 100_000_000
MOST_VALUE_BYTES = 320_000_000
# A progressive JPEG is decoded once a scan: those with more than a few are made to take hours.
MOST_SCANS = 100
# A table of labels or a list. PadChest's, the longest known, has 160,868 rows and some 110 MB. Cells are those of the
# columns that are asked for.
MOST_TABLE_BYTES = 128_000_000
MOST_TABLE_ROWS = 2_000_000
MOST_TABLE_CELLS = 8_000_000
# params.yaml has some 10 KB and 400 values; aliases count as often as they stand for something.
MOST_YAML_BYTES = 1 << 18
MOST_YAML_VALUES = 100_000
# Records of this pipeline's own, which a person may have put in place: some MB at most.
MOST_RECORD_BYTES = 256_000_000
# ImageNet files of the networks here have up to 240 MB.
MOST_WEIGHTS_BYTES = 2_000_000_000
# Names and comments of a zip's directory, and headers of one member of a tar.
MOST_DIRECTORY_BYTES = 300_000_000
MOST_HEADER_BYTES = 1 << 20
# What takes longer says so, and says so again as often.
SECONDS_WITHOUT_A_WORD = 10.0
# A download that brings less than CHUNK in so many seconds is cut off and tried again.
STALL_SECONDS = 120.0
STALL_BYTES = 1 << 18
