"""The items of the Checklist for AI in Medical Imaging, numbered as in its update of 2024.

A. S. Tejani et al., Radiology: Artificial Intelligence 2024;6(4):e240300, with the number in the first edition beside
it (J. Mongan, L. Moy, C. E. Kahn, ibid. 2020;2(2):e200029). Titles are our own short words; read the checklist itself
for what an item asks.
"""

# Section -> items: number in 2024, number in 2020 (or None), title in our words.
ITEMS: dict[str, list[tuple[int, str | None, str]]] = {
    "Title and abstract": [(1, "1", "Title names AI and its kind"), (2, "2", "Abstract")],
    "Introduction": [(3, "3", "Background and intended role"), (4, "4", "Aims and hypotheses")],
    "Methods: design": [(5, "5", "Looking forward or back"), (6, "6", "Kind of study")],
    "Methods: data": [
        (7, "7", "Where the images come from"),
        (8, "8", "Who was taken in and who was not"),
        (9, "9", "What was done to the images"),
        (10, "10", "Parts of the data or of the images that were used"),
        (11, "12", "Removing what identifies people"),
        (12, "13", "Missing data"),
        (13, None, "How the images were acquired"),
    ],
    "Methods: reference standard": [
        (14, "14", "How the labels came about"),
        (15, "15", "Why this reference standard"),
        (16, "16 and 17", "Who labelled, and with what"),
        (17, None, "How the test images were labelled"),
        (18, "18", "Agreement of readers"),
    ],
    "Methods: partitions and test set": [
        (19, "20", "How images were divided"),
        (20, "21", "What the partitions do not share"),
        (21, "19", "Size of the test set and why"),
    ],
    "Methods: model and training": [
        (22, "22", "The networks"),
        (23, "23", "Software"),
        (24, "24", "Initial weights"),
        (25, "25", "Training"),
        (26, "26", "How the final network was chosen"),
        (27, "27", "Ensembles"),
    ],
    "Methods: evaluation": [
        (28, "28", "Measures"),
        (29, "29", "Uncertainty and significance"),
        (30, "30", "Robustness"),
        (31, "31", "Explanations and whether they hold"),
        (32, None, "Internal test"),
        (33, "32", "External test"),
        (34, "40", "Registration"),
    ],
    "Results": [
        (35, "33", "How many were taken in and left out"),
        (36, "34", "What the patients were like"),
        (37, "35", "Performance and its uncertainty"),
        (38, "36", "Diagnostic figures of the chosen network"),
        (39, "37", "Where it fails"),
    ],
    "Discussion": [(40, "38", "Limits"), (41, "39", "What it means for practice")],
    "Other": [
        (42, "41", "Protocol and technical details"),
        (43, None, "Availability of code, networks and data"),
        (44, "42", "Funding"),
    ],
}
