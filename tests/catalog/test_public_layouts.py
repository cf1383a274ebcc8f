"""The layouts of public sets that keep labels, patients and splits in tables and lists, drawn small (names only)."""

from collections import Counter

import pytest

from chestbench.catalog.plan import Plan
from chestbench.core.errors import ChestbenchError


def found(plan: Plan) -> Counter[str]:
    """Return how many members have each class, "" for none."""
    layout = plan.layout
    return Counter(layout.classes[label] if label >= 0 else "" for label in layout.label.tolist())


def parts(plan: Plan) -> Counter[str]:
    return Counter(("none", "train", "val", "test")[given + 1] for given in plan.layout.given.tolist())


def faults(plan: Plan) -> Counter[str]:
    return Counter(plan.layout.faults[fault] for fault in plan.layout.fault.tolist() if fault)


def nih() -> dict[str, str]:
    labels = ["No Finding", "No Finding", "Effusion", "Infiltration", "Effusion|Infiltration", "Effusion|Mass"]
    names = [f"{patient:08d}_{follow:03d}.png" for patient in range(1, 13) for follow in range(2)]
    rows = [
        f"{name},{labels[place % 6]},{place % 2},{place // 2 + 1},058Y,{'FM'[place // 2 % 2]},PA,2682,2749,0.143,0.143,"
        for place, name in enumerate(names)
    ]
    header = "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    header += "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],"
    return {
        **{f"images_{1 + place % 3:03d}/images/{name}": "" for place, name in enumerate(names)},
        "Data_Entry_2017.csv": "\n".join([header, *rows]),
        "train_val_list.txt": "\n".join(names[:18]),
        "test_list.txt": "\r\n".join(names[18:]) + "\r\n",
    }


NIH = {
    "labels": {
        "table": "*Data_Entry*.csv",
        "id": "Image Index",
        "column": "Finding Labels",
        "patient": "Patient ID",
        "strata": {"sex": "Patient Gender", "age": "Patient Age", "view": "View Position"},
    }
}


def test_nih_as_a_stated_question(plan, caplog) -> None:
    read = plan(nih(), **NIH, classes=["No Finding", "Effusion"])
    assert found(read) == {"No Finding": 8, "Effusion": 12, "": 4}, "Effusion|Mass is Effusion when that is asked"
    assert faults(read) == {"not in dataset.classes": 4}
    assert parts(read) == {"train": 18, "test": 6} and read.layout.is_split
    assert len(set(read.layout.patient)) == 12 and all(len(code) == 16 for code in read.layout.patient)
    sexes = ["FM"[(int(member[-12:-8]) - 1) % 2] for member in read.members]
    assert read.layout.strata == {"sex": sexes, "age": ["058Y"] * 24, "view": ["PA"] * 24}
    assert read.layout.said["cells_with_several_labels"] == 8
    assert read.layout.said["pictures_with_other_labels_besides"] == 8
    assert read.layout.said["split_lists"]["lists"]["train_val_list.txt"]["part"] == "train+val"
    assert "8 pictures have further labels besides" in caplog.text and "Patient ID" not in caplog.text


def test_nih_pictures_with_both_labels_of_the_question_are_left_out(plan) -> None:
    read = plan(nih(), **NIH, classes=["Infiltration", "Effusion"])
    assert found(read) == {"Infiltration": 4, "Effusion": 8, "": 12}, "a picture with a Mass besides is Effusion"
    assert faults(read)["no or several classes in Data_Entry_2017.csv"] == 4


def test_nih_without_a_question_is_refused_with_one(plan) -> None:
    with pytest.raises(ChestbenchError) as error:
        plan(nih(), **NIH)
    text = str(error.value)
    assert "received 8 of 24 that hold several, joined by '|'" in text
    assert "'Effusion' 12, 'No Finding' 8, 'Infiltration' 8, 'Mass' 4" in text
    assert "-S 'dataset.classes=[No Finding,Effusion]'" in text


def test_a_patient_column_that_is_not_used_is_pointed_out(plan, caplog) -> None:
    labels = {key: value for key, value in NIH["labels"].items() if key != "patient"}
    read = plan(nih(), labels=labels, classes=["No Finding", "Effusion"])
    assert read.layout.said["unused_patient_column"] == "Patient ID of Data_Entry_2017.csv"
    assert "the column 'Patient ID', which is called like a patient's id and is not used" in caplog.text
    assert "patient:Patient ID" in caplog.text


def covid_chestxray() -> dict[str, str]:
    findings = ["Pneumonia/Viral/COVID-19", "Pneumonia/Bacterial/Streptococcus", "No Finding", "Pneumonia", "todo"]
    rows = ["patientid,offset,sex,age,finding,RT_PCR_positive,view,folder,filename,other_notes"]
    members = {}
    for patient in range(20):
        for day in range(2):
            name = f"picture-{patient}-{day}.{('jpeg', 'png')[day]}"
            members[f"images/{name}"] = ""
            note = '"lines\nbreak, here"' if patient == 3 else ""
            rows.append(f"{patient},{day},M,65,{findings[patient % 5]},Y,PA,images,{name},{note}")
    rows.append("99,0,F,40,Pneumonia/Viral/COVID-19,Y,Axial,volumes,scan.nii.gz,")
    return members | {"metadata.csv": "\n".join(rows), "README.md": ""}


COVID_CHESTXRAY = {"table": "*metadata.csv", "id": "filename", "column": "finding", "patient": "patientid"}


def test_covid_chestxray_with_slashes_in_its_findings(plan) -> None:
    names = {
        "Pneumonia/Viral/COVID-19": "COVID-19",
        "Pneumonia/Bacterial/Streptococcus": "other pneumonia",
        "Pneumonia": "other pneumonia",
    }
    read = plan(covid_chestxray(), labels=COVID_CHESTXRAY, class_names=names, classes=["COVID-19", "other pneumonia"])
    assert found(read) == {"COVID-19": 8, "other pneumonia": 16, "": 16}
    assert len(set(read.layout.patient)) == 20 and read.notes["label_ids_without_picture"] == 1
    with pytest.raises(ChestbenchError, match=r"Pneumonia/Viral/COVID-19:COVID-19"):
        plan(covid_chestxray(), labels=COVID_CHESTXRAY)


def chexpert(root: str = "CheXpert-v1.0-small/", uncertain: str = "-1.0") -> dict[str, str]:
    header = "Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Pleural Effusion,Edema"
    tables: dict[str, list[str]] = {"train": [header], "valid": [header]}
    members = {}
    cells = ["1.0,,", ",1.0,", ",0.0,1.0", f",{uncertain},", "1.0,,0.0", f",1.0,{uncertain}"]
    for patient in range(36):
        part = "train" if patient < 24 else "valid"
        for view in ("view1_frontal.jpg", "view2_lateral.jpg"):
            path = f"CheXpert-v1.0-small/{part}/patient{patient:05d}/study1/{view}"
            members[path.replace("CheXpert-v1.0-small/", root)] = ""
            tables[part].append(f"{path},Female,68,Frontal,AP,{cells[patient % 6]}")
    return members | {f"{root}{part}.csv": "\n".join(rows) for part, rows in tables.items()}


CHEXPERT = {
    "table": ["*train.csv", "*valid.csv"],
    "id": "Path",
    "one_hot": ["No Finding", "Pleural Effusion"],
    "strata": {"sex": "Sex", "age": "Age", "view": "Frontal/Lateral"},
}


@pytest.mark.parametrize("root", ["CheXpert-v1.0-small/", "", "archive/CheXpert-v1.0-small/", "chexpert/"])
def test_chexpert_two_tables_and_paths_as_ids(plan, root: str) -> None:
    read = plan(chexpert(root), labels={**CHEXPERT, "uncertain": "exclude"})
    assert found(read) == {"No Finding": 24, "Pleural Effusion": 24, "": 24}
    assert faults(read) == {
        "no or several classes in train.csv and valid.csv: uncertain (-1)": 12,
        "no or several classes in train.csv and valid.csv": 12,
    }
    assert parts(read) == {"train": 48, "val": 24}, "folders and tables say the same"


@pytest.mark.parametrize(("rule", "effusion"), [("positive", 36), ("negative", 24)])
def test_chexpert_uncertain_by_a_stated_rule(plan, rule: str, effusion: int) -> None:
    read = plan(chexpert(), labels={**CHEXPERT, "uncertain": rule})
    assert found(read)["Pleural Effusion"] == effusion and found(read)["No Finding"] == 24


def test_chexpert_without_a_rule_stops_with_the_count(plan) -> None:
    with pytest.raises(ChestbenchError, match=r"dataset.labels.uncertain: .*'Pleural Effusion' of train.csv.*8 rows"):
        plan(chexpert(), labels=CHEXPERT)
    assert found(plan(chexpert(uncertain="0.0"), labels=CHEXPERT))["Pleural Effusion"] == 24


def test_chexpert_one_column_of_codes(plan) -> None:
    labels = {"table": ["*train.csv", "*valid.csv"], "id": "Path", "column": "Pleural Effusion", "uncertain": "exclude"}
    names = {0: "none", 1: "effusion"}
    assert found(plan(chexpert(), labels=labels, class_names=names)) == {"none": 12, "effusion": 24, "": 36}


def rsna() -> dict[str, str]:
    classes = ["Normal", "Lung Opacity", "No Lung Opacity / Not Normal"]
    info, boxes, members = ["patientId,class"], ["patientId,x,y,width,height,Target"], {}
    for place in range(18):
        name = f"{place * 7919 + 1:08x}-0b{place:02d}"
        members[f"stage_2_train_images/{name}.dcm"] = ""
        for row in range(2 if place % 3 == 1 else 1):
            info.append(f"{name},{classes[place % 3]}")
            boxes.append(f"{name},{10 * row},1,2,3,1" if place % 3 == 1 else f"{name},,,,,0")
    return members | {
        "stage_2_detailed_class_info.csv": "\n".join(info),
        "stage_2_train_labels.csv": "\n".join(boxes),
    }


def test_rsna_several_rows_of_one_class(plan, caplog) -> None:
    labels = {"table": "*detailed_class_info.csv", "id": "patientId", "column": "class"}
    names = {"No Lung Opacity / Not Normal": "not normal"}
    read = plan(rsna(), labels=labels, class_names=names)
    assert found(read) == {"Normal": 6, "Lung Opacity": 6, "not normal": 6} and not read.layout.is_split
    assert "patient's id" not in caplog.text, "the id of the pictures is used"
    codes = {"table": "*train_labels.csv", "id": "patientId", "column": "Target"}
    assert found(plan(rsna(), labels=codes, class_names={0: "no", 1: "opacity"})) == {"no": 12, "opacity": 6}


def vinbigdata() -> dict[str, str]:
    rows, members = ["image_id,class_name,class_id,rad_id,x_min,y_min,x_max,y_max"], {}
    for place in range(30):
        name = f"{place * 104729 + 5:032x}"
        members[f"train/{name}.dicom"] = ""
        labels = ["No finding"] * 3 if place % 3 else ["Cardiomegaly", "Aortic enlargement", "Cardiomegaly"]
        if place % 9 == 0:
            labels = ["Aortic enlargement"]
        rows += [f"{name},{label},0,R{reader},,,," for reader, label in enumerate(labels)]
    return members | {"train.csv": "\n".join(rows)}


VINBIGDATA = {"table": "*train.csv", "id": "image_id", "column": "class_name"}


def test_vinbigdata_a_row_for_each_box_and_reader(plan) -> None:
    read = plan(vinbigdata(), labels=VINBIGDATA, classes=["No finding", "Cardiomegaly"])
    assert found(read) == {"No finding": 20, "Cardiomegaly": 6, "": 4}
    both = plan(vinbigdata(), labels=VINBIGDATA, classes=["Aortic enlargement", "Cardiomegaly"])
    assert faults(both) == {"not in dataset.classes": 20, "two labels for one picture in train.csv": 6}


def test_vinbigdata_without_a_question_is_refused_with_one(plan) -> None:
    with pytest.raises(
        ChestbenchError, match=r"rows of different classes for 6 of 30.*a row for each of its labels"
    ) as e:
        plan(vinbigdata(), labels=VINBIGDATA)
    assert "-S 'dataset.classes=[No finding,Aortic enlargement]'" in str(e.value)


def shenzhen(count: int = 12) -> dict[str, str]:
    return {f"CXR_png/CHNCXR_{place:04d}_{place % 2}.png": "" for place in range(count)}


def test_shenzhen_the_class_is_in_the_name(plan, caplog) -> None:
    members = shenzhen() | {"CXR_png/unnamed.png": "", "README.md": ""}
    for labels in (r"_(?P<label>[01])\.png$", {"pattern": r"_(?P<label>[01])\.png$"}):
        read = plan(members, labels=labels, class_names={0: "normal", 1: "tuberculosis"})
        assert found(read) == {"normal": 6, "tuberculosis": 6, "": 1} and faults(read) == {"no label in the path": 1}
    assert "1 pictures left out: no label in the path; the name of one looks like 'aaaaaaa.aaa'" in caplog.text


def test_shenzhen_a_table_may_bring_patients_to_a_pattern(plan) -> None:
    rows = ["file;patient_id;sex", *(f"CHNCXR_{place:04d}_{place % 2}.png;{place // 2};f" for place in range(12))]
    labels = {
        "pattern": r"_(?P<label>[01])\.png$",
        "table": "*.csv",
        "id": "file",
        "patient": "patient_id",
        "strata": {"sex": "sex"},
    }
    read = plan(shenzhen() | {"people.csv": "\n".join(rows)}, labels=labels)
    assert read.layout.classes == ["0", "1"] and len(set(read.layout.patient)) == 6
    assert read.layout.strata == {"sex": ["f"] * 12}


def test_folders_say_the_class_and_a_table_the_patients(plan) -> None:
    members = {f"{name}/{name}-{place}.png": "" for name in ("a", "b") for place in range(4)}
    rows = ["image,person", *(f"{name}-{place},{place // 2}" for name in "ab" for place in range(4))]
    read = plan(
        members | {"people.tsv": "\n".join(rows).replace(",", "\t")},
        labels={"table": "*.tsv", "id": "image", "patient": "person"},
    )
    assert found(read) == {"a": 4, "b": 4} and len(set(read.layout.patient)) == 2


def mimic() -> dict[str, str]:
    labels, splits, members = ["subject_id,study_id,No Finding,Pneumonia"], ["dicom_id,study_id,subject_id,split"], {}
    for study in range(50000000, 50000012):
        subject = 10000000 + (study - 50000000) // 2
        word = "train" if subject < 10000004 else "validate" if subject < 10000005 else "test"
        labels.append(f"{subject},{study},{'1.0,' if study % 2 else ',1.0'}")
        for picture in range(2):
            members[f"files/p10/p{subject}/s{study}/{study * 7 + picture:x}.jpg"] = ""
            splits.append(f"{study * 7 + picture:x},{study},{subject},{word}")
    return members | {"mimic-chexpert.csv": "\n".join(labels), "mimic-split.csv": "\n".join(splits)}


def test_mimic_labels_by_study_and_the_split_in_another_table(plan) -> None:
    labels = {
        "table": ["*chexpert.csv", "*split.csv"],
        "id": "study_id",
        "member_pattern": r"/s(?P<id>\d+)/",
        "one_hot": ["No Finding", "Pneumonia"],
        "patient": "subject_id",
        "split": "split",
    }
    read = plan(mimic(), labels=labels)
    assert found(read) == {"No Finding": 12, "Pneumonia": 12}
    assert parts(read) == {"train": 16, "val": 4, "test": 4} and len(set(read.layout.patient)) == 6
    assert not plan(mimic(), labels=labels, given_split="ignore").layout.is_split


def covid_ct(inside: str = "{0}", lists: str = "Data-split/{1}/{2}{0}.txt") -> dict[str, str]:
    members = {}
    for folder in ("CT_COVID", "CT_NonCOVID"):
        names = [f"2020.{place}%0.png" for place in range(12)]
        members |= {f"set/Images-processed/{inside.format(folder)}/{name}": "" for name in names}
        for part, some in (("train", names[:6]), ("val", names[6:9]), ("test", names[9:])):
            members["set/" + lists.format(folder, folder[3:], part)] = "\n".join(some) + "\n"
    return members


@pytest.mark.parametrize("inside", ["{0}", "{0}.zip/{0}", "{0}.zip", "{0}/png"])
def test_covid_ct_lists_of_each_class_name_the_same_files(plan, inside: str) -> None:
    read = plan(covid_ct(inside))
    given = {
        member.removeprefix("set/Images-processed/"): given
        for member, given in zip(read.members, read.layout.given.tolist(), strict=True)
        if member.endswith(".png")
    }
    assert Counter(given.values()) == {0: 12, 1: 6, 2: 6}
    for folder in ("CT_COVID", "CT_NonCOVID"):
        assert given[f"{inside.format(folder)}/2020.11%0.png"] == 2


@pytest.mark.parametrize("lists", ["{2}/{0}.txt", "{0}/{2}.txt", "lists/{2}_{0}_list.csv", "{2}-{0} files.lst"])
def test_lists_of_each_class_may_be_called_otherwise(plan, lists: str) -> None:
    assert parts(plan(covid_ct(lists=lists))) >= Counter(train=12, val=6, test=6)


def test_names_that_fit_two_classes_are_refused_where_nothing_tells_them_apart(plan) -> None:
    with pytest.raises(
        ChestbenchError, match=r"that fit pictures in several folders, such as .*CT_COVID' and .*CT_Non"
    ):
        plan(covid_ct(lists="lists{1}/{2}.txt"))
