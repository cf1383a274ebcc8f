"""What tables, lists and patterns say: classes, patients, studies, split, strata."""
