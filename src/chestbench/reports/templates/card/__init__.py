"""The model card; its tables of results and leaks stand in the CLAIM checklist too."""
