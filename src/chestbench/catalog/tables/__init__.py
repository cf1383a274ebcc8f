"""What tables, lists and patterns say: classes, patients, studies, split, strata.

From the ground up: `words` of columns, `reading` texts as tables, `columns` and what they may be, `splits`, the
`labels` that a run takes, `looks` at tables that it might take, and what would stay `unused`.
"""
