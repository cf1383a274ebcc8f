"""DICOM: one frame of a file as a grey picture, and what its header says of patient and study."""
