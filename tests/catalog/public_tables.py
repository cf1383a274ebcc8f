"""Public sets whose classes stand in tables, rebuilt small: columns, odd headers and cells as published."""

import json

import numpy as np

from tests.catalog.public_pictures import jpeg, mask, png, table, view
from tests.imaging.dicoms import make_dicom

COVID_CHESTXRAY_COMMIT = "6a4242344473ccb5ed0d2148d8c7bfb1691e4ed8"
METADATA = (
    "patientid,offset,sex,age,finding,RT_PCR_positive,survival,intubated,intubation_present,went_icu,in_icu,"
    "needed_supplemental_O2,extubated,temperature,pO2_saturation,leukocyte_count,neutrophil_count,lymphocyte_count,"
    "view,modality,date,location,folder,filename,doi,url,license,clinical_notes,other_notes,"
)
COVID = "Pneumonia/Viral/COVID-19"
OTHER_PNEUMONIA = (
    "Pneumonia", "Pneumonia/Viral/SARS", "Pneumonia/Fungal/Pneumocystis", "Pneumonia/Bacterial/Streptococcus",
    "Pneumonia/Bacterial/Klebsiella", "Pneumonia/Bacterial/Legionella", "Pneumonia/Bacterial/E.Coli",
    "Pneumonia/Bacterial/Mycoplasma", "Pneumonia/Bacterial/Chlamydophila", "Pneumonia/Bacterial/Nocardia",
    "Pneumonia/Bacterial/Staphylococcus/MRSA", "Pneumonia/Bacterial", "Pneumonia/Viral/Influenza",
    "Pneumonia/Viral/Influenza/H1N1", "Pneumonia/Viral/MERS-CoV", "Pneumonia/Viral/Varicella",
    "Pneumonia/Viral/Herpes ", "Pneumonia/Fungal/Aspergillosis", "Pneumonia/Lipoid", "Pneumonia/Aspiration",
)  # fmt: skip
NIH = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],"
)
CHEXPERT_FINDINGS = (
    "No Finding", "Enlarged Cardiomediastinum", "Cardiomegaly", "Lung Opacity", "Lung Lesion", "Edema", "Consolidation",
    "Pneumonia", "Atelectasis", "Pneumothorax", "Pleural Effusion", "Pleural Other", "Fracture", "Support Devices",
)  # fmt: skip


def covid_chestxray(patients: int = 20) -> dict[str, bytes]:
    """GitHub's archive: metadata.csv whose header ends with a comma, lung masks, volumes, findings as paths."""
    top = f"covid-chestxray-dataset-{COVID_CHESTXRAY_COMMIT}"
    members = {f"{top}/README.md": b"# COVID-19 image data collection", f"{top}/SCHEMA.md": b"metadata"}
    rows = []

    def row(
        patient: str, sex: str, finding: str, picture: str, modality: str, name: str, folder: str = "images"
    ) -> None:
        cells = [patient, "3", sex, "65", finding, "Y", *[""] * 12, picture, modality, '"January 22, 2020"',
                 '"Cho Ray Hospital, Ho Chi Minh City, Vietnam"', folder, name, "10.1056/nejmc", "https://www.nejm.org",
                 "CC BY", '"Notes, with a comma and ""quotes"""', "", ""]  # fmt: skip
        rows.append(",".join(cells))

    for number in range(2 * patients):
        finding = COVID if number < patients else OTHER_PNEUMONIA[number % len(OTHER_PNEUMONIA)]
        for day in range(2):
            seed = 70_000 + 10 * number + day
            name = f"case-{number}-day{day}" + (".jpg", ".png", ".jpeg")[number % 3]
            modality, picture = (
                ("CT", "Axial") if number % 10 == 9 and day else ("X-ray", ("PA", "AP", "L")[number % 3])
            )
            encoded = png(view(seed)) if name.endswith("png") else jpeg(view(seed))
            members[f"{top}/images/{name}"] = encoded
            row(str(number) if number % 7 else f"{number}b", "MF"[number % 2], finding, picture, modality, name)
            if number % 4 == 0:
                stem = name.rpartition(".")[0]
                members[f"{top}/annotations/lungVAE-masks/{stem}_mask.png"] = png(mask(seed))
    for number, finding in enumerate(("No Finding", "Tuberculosis", "todo", "Unknown")):
        name = f"other-{number}.png"
        members[f"{top}/images/{name}"] = png(view(79_000 + number))
        row(f"o{number}", "", finding, "PA", "X-ray", name)
    for number in range(3):
        name = f"coronacases_org_{number:03d}.nii.gz"
        members[f"{top}/volumes/{name}"] = b"\x1f\x8b\x08\x00" + bytes(40)
        row(f"v{number}", "M", COVID, "Axial", "CT", name, "volumes")
    members[f"{top}/metadata.csv"] = table(METADATA, *rows)
    members[f"{top}/annotations/covid-severity-scores.csv"] = table("filename,score", "case-0-day0.jpg,3")
    members[f"{top}/annotations/imageannotation_ai_lung_bounding_boxes.json"] = json.dumps({"info": {}}).encode()
    return members


def nih_chestxray14(patients: int = 32) -> dict[str, bytes]:
    """Twelve numbered folders, labels joined by a bar, two lists that are the split, a few pictures in colour."""
    members, rows, lists = {"README_CHESTXRAY.pdf": b"%PDF-1.4"}, [], {"train_val": [], "test": []}
    for patient in range(1, patients + 1):
        for follow_up in range(3):
            number = 3 * patient + follow_up
            label = ("No Finding", "Effusion", "Effusion|Infiltration", "Cardiomegaly|Effusion|Mass", "No Finding",
                     "Atelectasis", "Infiltration|Nodule")[number % 7]  # fmt: skip
            name = f"{patient:08d}_{follow_up:03d}.png"
            pixels = view(80_000 + number)
            folder = f"images_{1 + patient * 12 // (patients + 1):03d}/images"
            members[f"{folder}/{name}"] = png(np.dstack([pixels] * 3) if number % 30 == 0 else pixels)
            sex, position = "MF"[patient % 2], ("PA", "AP")[follow_up % 2]
            rows.append(f"{name},{label},{follow_up},{patient},{30 + patient},{sex},{position},2682,2749,0.143,0.143,")
            lists["test" if patient % 4 == 0 else "train_val"].append(name)
    members["Data_Entry_2017.csv"] = table(NIH, *rows)
    members["BBox_List_2017.csv"] = table(
        "Image Index,Finding Label,Bbox [x,y,w,h],,,", "00000001_000.png,Mass,1,2,3,4,,,"
    )
    members |= {f"{part}_list.txt": "\n".join(names).encode() for part, names in lists.items()}
    return members


def chexpert(train: int = 28, valid: int = 8, top: str = "CheXpert-v1.0-small/") -> dict[str, bytes]:
    """Two tables of 0, 1, -1 and blanks; frontal and lateral views of a study; several studies of a patient.

    Args:
        train: patients in train.
        valid: patients in valid.
        top: the folder that paths in the tables begin with; "" as copies have it that dropped it.
    """
    members = {}
    header = ",".join(["Path,Sex,Age,Frontal/Lateral,AP/PA", *CHEXPERT_FINDINGS])
    for part, first, patients in (("train", 1, train), ("valid", 64541, valid)):
        rows = []
        for patient in range(first, first + patients):
            for study in (1, 2) if part == "train" else (1,):
                seed = 90_000 + 10 * (patient % 1000) + study
                effusion = (1.0, "", 1.0, -1.0, "", 0.0)[(patient + study) % 6]
                # Zeros in valid.csv, blanks in train.csv, for what is not there.
                nothing = "" if part == "train" else "0.0"
                cells = dict.fromkeys(CHEXPERT_FINDINGS, nothing)
                cells["Pleural Effusion"] = effusion if effusion != "" else nothing
                cells["No Finding"] = "1.0" if effusion == "" else nothing
                cells["Support Devices"] = "1.0"
                if part == "valid" and effusion == -1.0:
                    cells["Pleural Effusion"] = "0.0"
                for number, name in ((1, "frontal"), (2, "lateral")) if patient % 3 == 0 else ((1, "frontal"),):
                    path = f"{part}/patient{patient:05d}/study{study}/view{number}_{name}.jpg"
                    members[top + path] = jpeg(view(seed + 5 * number))
                    position = "AP" if name == "frontal" else ""
                    start = f"CheXpert-v1.0-small/{path},{('Female', 'Male')[patient % 2]},{40 + patient % 50}"
                    rows.append(f"{start},{name.title()},{position}," + ",".join(map(str, cells.values())))
        members[f"{top}{part}.csv"] = table(header, *rows)
    return members


def rsna_pneumonia(pictures: int = 60) -> dict[str, bytes]:
    """Baseline JPEG in DICOM; the header's patient is the picture; one row a box; test pictures without labels."""
    members, rows, details = {"GCP Credits Request Link - RSNA.txt": b"a link\n"}, [], []
    for number in range(pictures + 4):
        name = f"{number * 7919 + 1:08x}-7c7b-4f5e-9d3a-{number:012x}"
        position = ("PA", "AP")[number % 2]
        data = make_dicom(view(100_000 + number), patient=name, study=f"1.2.276.{number}", modality="CR",
                          transfer_syntax="jpeg_baseline", ViewPosition=position, PatientSex="MF"[number % 2],
                          PatientAge=f"{20 + number % 60}", ConversionType="WSD")  # fmt: skip
        if number >= pictures:
            members[f"stage_2_test_images/{name}.dcm"] = data
            continue
        members[f"stage_2_train_images/{name}.dcm"] = data
        opaque = number % 3 == 0
        if opaque:
            boxes = ["10.0,12.0,20.0,30.0", "36.0,12.0,18.0,28.0"][: 1 + number % 2]
            rows += [f"{name},{box},1" for box in boxes]
            details += [f"{name},Lung Opacity"] * len(boxes)
        else:
            rows.append(f"{name},,,,,0")
            details.append(f"{name},{('Normal', 'No Lung Opacity / Not Normal')[number % 2]}")
    members["stage_2_train_labels.csv"] = table("patientId,x,y,width,height,Target", *rows)
    members["stage_2_detailed_class_info.csv"] = table("patientId,class", *details)
    members["stage_2_sample_submission.csv"] = table("patientId,PredictionString", "0004cfab,0.5 0 0 100 100")
    return members


def vinbigdata(pictures: int = 72) -> dict[str, bytes]:
    """DICOM of 12 bits in both polarities, with and without a window, no patient; three readers' rows a picture."""
    members, rows = {}, []
    for number in range(pictures + 4):
        name = f"{number * 104729 + 5:032x}"
        pixels = view(110_000 + number).astype(np.uint16) * 14
        negative = number % 5 == 0
        data = make_dicom(np.uint16(4095) - pixels if negative else pixels, patient="", study=f"1.3.{number}",
                          photometric="MONOCHROME1" if negative else "MONOCHROME2", bits_stored=12,
                          window=(2048, 4096) if number % 2 else None, PatientSex="MFO"[number % 3],
                          StudyInstanceUID=None, PatientID=None)  # fmt: skip
        if number >= pictures:
            members[f"test/{name}.dicom"] = data
            continue
        members[f"train/{name}.dicom"] = data
        for reader in range(3):
            # Of every third picture one reader sees an effusion and the others something else; some have neither.
            if number % 3 == 0 or number % 5 == 1:
                seen = ("Pleural effusion", "Cardiomegaly", "Aortic enlargement")[reader]
                seen = "Cardiomegaly" if number % 3 and reader == 0 else seen
                seen = "Pleural effusion" if number % 6 == 0 and reader == 1 else seen  # two readers see it
                x, y = 5 + number % 7 + reader, 9 + reader  # each draws it a little elsewhere
                rows.append(f"{name},{seen},{reader},R{8 + reader},{x}.0,{y}.0,{x + 40}.0,{y + 30}.0")
            else:
                rows.append(f"{name},No finding,14,R{8 + reader},,,,")
    members["train.csv"] = table("image_id,class_name,class_id,rad_id,x_min,y_min,x_max,y_max", *rows)
    members["sample_submission.csv"] = table("image_id,PredictionString", "x,14 1 0 0 1 1")
    return members
