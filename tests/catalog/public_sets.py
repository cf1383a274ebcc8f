"""Public sets whose classes stand in folders or in file names, rebuilt small in the trees that are published.

Each function returns an archive's members; names, tables, depths and faults are the real ones, pictures are drawn. The
real archives were not fetched.
"""

import io

import numpy as np

from tests.catalog.public_pictures import jpeg, mask, neighbour, png, tiff, view, zipped

COVID_CT_COMMIT = "0c83254a43230de176489a9b4e3ac12e23b0df53"
PARTS = ("Train", "Val", "Test")


def chest_xray_pneumonia(train: int = 16, test: int = 6) -> dict[str, bytes]:
    """The whole set twice, what a Mac leaves in a zip, 16 pictures in val; two X-rays of each child but in val."""
    members: dict[str, bytes] = {}
    seed = 10_000
    for part, children in (("train", train), ("val", 8), ("test", test)):
        for child in range(1, children + 1):
            number = {"train": 100, "val": 1900, "test": 1500}[part] + child
            for picture in range(1 if part == "val" else 2):
                seed += 2
                kind = "virus" if child % 3 == 0 else "bacteria"
                # Normal X-rays are larger on average, as in the real set.
                members[f"{part}/PNEUMONIA/person{number}_{kind}_{seed}.jpeg"] = jpeg(view(seed))
                start = "IM" if child % 2 else "NORMAL2-IM"
                members[f"{part}/NORMAL/{start}-{number:04d}-{picture + 1:04d}.jpeg"] = jpeg(view(seed + 1, 80))
    whole = {f"chest_xray/{name}": data for name, data in members.items()}
    whole |= {f"chest_xray/chest_xray/{name}": data for name, data in members.items()}
    whole |= {f"chest_xray/chest_xray/{part}/.DS_Store": b"\0\0\0\1Bud1" for part in ("train", "test")}
    whole |= {
        f"chest_xray/__MACOSX/chest_xray/{name.rpartition('/')[0]}/._{name.rpartition('/')[2]}": b"\0\5\26\7\0\2\0\0"
        for name in list(members)[:20]
    }
    return whole


def covid_qu_ex(per_class: int = 12) -> dict[str, bytes]:
    """Lung masks beside the pictures, and a second part with infection masks that repeats some of them."""
    lungs, infections = (f"{part} Segmentation Data/" * 2 for part in ("Lung", "Infection"))
    members = {"COVID-QU-Ex dataset.txt": b"about the data"}
    for code, (label, start) in enumerate((("COVID-19", "covid"), ("Non-COVID", "non_COVID"), ("Normal", "Normal"))):
        for number in range(2 * per_class):
            part = PARTS[(0, 0, 0, 1, 2, 2)[number % 6]]
            seed = 20_000 + 100 * code + number
            name, data = f"{start} ({number + 1}).png", png(view(seed))
            members[f"{lungs}{part}/{label}/images/{name}"] = data
            members[f"{lungs}{part}/{label}/lung masks/{name}"] = png(mask(seed))
            if number % 4 == 0:
                # Its own split: the same picture stands elsewhere.
                other = PARTS[(number // 4 + 1) % 3]
                members[f"{infections}{other}/{label}/images/{name}"] = data
                members[f"{infections}{other}/{label}/lung masks/{name}"] = png(mask(seed))
                infected = mask(seed) // 2 * 2 if code == 0 else np.zeros_like(mask(seed))
                members[f"{infections}{other}/{label}/infection masks/{name}"] = png(infected)
    return members


def pneumoniamnist(side: int = 28, short: int = 0) -> dict[str, bytes]:
    """The six arrays of MedMNIST's npz: 3 pictures of pneumonia to 1 that is normal in train; `short` of these lack."""
    members, seed = {}, 200_000
    for part, normal, pneumonia in (("train", 16 - short, 48), ("val", 6, 12), ("test", 12, 18)):
        codes = np.array([*[0] * normal, *[1] * pneumonia], np.uint8)
        pictures = np.stack([view(seed + 1000 * int(code) + row, side) for row, code in enumerate(codes)])
        seed += 2000
        for kind, values in (("images", pictures), ("labels", codes[:, None])):
            stream = io.BytesIO()
            np.save(stream, values)
            members[f"{part}_{kind}.npy"] = stream.getvalue()
    return members


def sarscov2_ct(people: int = 8) -> dict[str, bytes]:
    """Two folders of PNG, the one RGB and the other RGBA, no patient ids: four slices of a person look alike."""
    members = {}
    for code, (folder, word) in enumerate((("COVID", "Covid"), ("non-COVID", "Non-Covid"))):
        for number in range(4 * people):
            grey = neighbour(210_000 + 100 * code + number // 4, number % 4, 64 + number // 4)
            channels = [grey] * 3 + [np.full_like(grey, 255)] * code
            members[f"{folder}/{word} ({number + 1}).png"] = png(np.dstack(channels))
    return members


def covid_ct() -> dict[str, bytes]:
    """GitHub's archive: a zip for each class, lists that are the split, older lists of another split, figures, code."""
    top = f"COVID-CT-{COVID_CT_COMMIT}"
    members = {f"{top}/README.md": b"# COVID-CT", f"{top}/Images-processed/README.md": b"About the images"}
    members[f"{top}/COVID-CT-MetaInfo.xlsx"] = b"PK\3\4 a table"
    members[f"{top}/baseline methods/DenseNet169/DenseNet_predict.py"] = b"import torch\n"
    members[f"{top}/baseline methods/Self-Trans/LUNA/roc.png"] = png(view(30_999))
    for code, label in enumerate(("COVID", "NonCOVID")):
        names: dict[str, bytes] = {}
        for case in range(15):
            for panel in range(2):
                seed = 30_000 + 100 * code + case
                # Panels of one figure look alike and lie in one part, as the authors split them.
                picture = neighbour(seed, panel, 64 + 8 * (case % 3))
                if label == "COVID":
                    names[f"2020.0{case % 4 + 1}.24.919183-p27-{case}%{panel}.png"] = png(picture)
                else:
                    names[f"{case}%{panel}.jpg"] = jpeg(picture)
        members[f"{top}/Images-processed/CT_{label}.zip"] = zipped(
            {f"CT_{label}/{name}": data for name, data in names.items()}
        )
        listed = list(names)
        for part, lines in (("train", listed[:16]), ("val", listed[16:22]), ("test", listed[22:])):
            text = "\n".join(lines).encode() + b"\n"
            members[f"{top}/Data-split/{label}/{part}CT_{label}.txt"] = text
        for part, lines in (("train", listed[14:]), ("val", listed[:6]), ("test", listed[6:14])):
            text = "\r\n".join(lines).encode()
            members[f"{top}/Data-split/{label}/old_split/{part}CT_{label}.txt"] = text
    return members


def covid_ctset(people: int = 12) -> dict[str, bytes]:
    """16-bit TIFF with values up to some 5,000, of which none declares its depth; three breath-holds of a person."""
    members = {}
    for number in range(1, 2 * people + 1):
        is_covid = number <= people
        top = f"covid{1 + number % 2}/137covid" if is_covid else f"normal{1 + number % 3}/normal{1 + number % 3}"
        for hold in ("SR_2", "SR_3") if number % 3 else ("SR_2",):
            for slice_number in range(2):
                seed = 40_000 + 100 * number + 10 * int(hold[-1]) + slice_number
                # Soft tissue lies near 1,050; the brightest bone differs from person to person.
                values = view(seed).astype(np.uint16) * (9 + number % 7)
                values[30:33, 30:33] = 3300 + 150 * (number % 11)
                members[f"{top}_patient{number}/{hold}/IM{slice_number + 1:05d}.tif"] = tiff(values)
    return members


def iq_oth_nccd(people: int = 8) -> dict[str, bytes]:
    """Three folders with the publisher's spelling, no patient ids: four slices of a person look alike."""
    top = "The IQ-OTHNCCD lung cancer dataset"
    members = {f"{top}/IQ-OTH_NCCD lung cancer dataset.txt": b"about the data"}
    for code, (folder, word) in enumerate((("Bengin", "Bengin"), ("Malignant", "Malignant"), ("Normal", "Normal"))):
        for number in range(4 * people):
            picture = neighbour(50_000 + 100 * code + number // 4, number % 4)
            members[f"{top}/{folder} cases/{word} case ({number + 1}).jpg"] = jpeg(picture)
    return members


def shenzhen_tb(people: int = 60) -> dict[str, bytes]:
    """A picture a person, named after the class, and a text a person with sex, age and reading."""
    members = {"ChinaSet_AllFiles/NLM-ChinaCXRSet-ReadMe.docx": b"PK\3\4 a document"}
    members["ChinaSet_AllFiles/CXR_png/Thumbs.db"] = b"\xd0\xcf\x11\xe0"
    for number in range(1, people + 1):
        code = int(number > people // 2)
        sex, reading = ("male", "female")[number % 2], ("normal", "PTB in the left upper field")[code]
        name = f"CHNCXR_{number:04d}_{code}"
        members[f"ChinaSet_AllFiles/CXR_png/{name}.png"] = png(view(60_000 + number, 64 + number % 9))
        members[f"ChinaSet_AllFiles/ClinicalReadings/{name}.txt"] = f"{sex} {20 + number}yrs\n{reading}\n".encode()
    return members
