"""What columns are called, in the languages of tables: patients, folds, strata, labels; and what only looks like it."""

import shlex

import pytest

from chestbench.catalog.tables.words.column_words import (
    is_fold_column,
    is_label_column,
    is_patient_column,
    is_study_column,
    stratum_of,
)
from chestbench.core.errors import ChestbenchError
from tests.catalog.tables_drawn import as_csv

PATIENTS = {
    "English": "Patient ID|patientid|PID|subject_id|Patient No.|MRN|anon_patient_id|deidentified_patient_id|case id|Pt",
    "Korean": "환자번호|환자 번호|환자ID|환자 아이디|환자_ID|환자|등록번호|피험자번호|환자고유번호|환자식별번호",
    "Chinese": "患者编号|患者ID|患者号|病人编号|病人ID|病历号|住院号|受试者编号|患者編號|病歷號|患者",
    "Japanese": "患者番号|患者ID|患者の番号|患者コード|症例番号|被験者ID|カルテ番号",
    "Spanish": "paciente|ID Paciente|id_paciente|Código del paciente|Número de paciente|num_paciente|sujeto|NHC",
    "German": "Patienten-ID|Patientennummer|Patienten_Nr|PatID|Patientenkennung|Fallnummer|Fall-ID|Probanden-ID",
    "French": "ID patient|numéro_patient|N° patient|code_patient|identifiant patient|no_patient|IPP|sujet",
    "Portuguese": "paciente|código do paciente|ID do paciente|nº paciente|doente|utente|prontuário",
    "Italian": "paziente|ID paziente|codice_paziente|numero paziente|Codice del paziente|soggetto",
    "Russian": "пациент|ID пациента|Номер пациента|Код пациента|id_пациента|пациент_id|номер истории болезни",
    "Turkish": "hasta|hasta_id|Hasta No|HastaNo|hasta numarası|Hasta Kodu|HASTA_ID|denek no",
    "Polish": "pacjent|id_pacjenta|numer pacjenta",
}
NO_PATIENTS = (
    "Patient Age|paciente_edad|patient_sex|filename|image|label|hastalık|nodule|normal|name|id|no|환자 나이|患者年龄|"
    "患者性别|Alter|patient history|finding|patient_type|category|idade|fold|index|codigo|número|код|번호|class|cause"
)
FOLDS = "fold|Fold|kfold|k-fold|cv_fold|fold_id|Fold No|CV|cv_split|fold1|폴드|折|crossval_fold|pliegue"
NO_FOLDS = "folder|manifold|filefolder|label|unfolded|fold change|class"


@pytest.mark.parametrize(("language", "names"), PATIENTS.items())
def test_columns_of_patients(language: str, names: str) -> None:
    assert [name for name in names.split("|") if not is_patient_column(name)] == []


def test_columns_that_are_no_patients() -> None:
    assert [name for name in NO_PATIENTS.split("|") if is_patient_column(name)] == []


def test_columns_of_folds() -> None:
    assert [name for name in FOLDS.split("|") if not is_fold_column(name)] == []
    assert [name for name in NO_FOLDS.split("|") if is_fold_column(name)] == []


@pytest.mark.parametrize(
    ("stratum", "names"),
    [
        ("sex", "sex|Gender|PatientSex|Patient Gender|Geschlecht|sexo|Sexe|sesso|пол|cinsiyet|성별|性别|性別"),
        ("age", "age|Age (years)|Patient Age|Alter|edad|idade|âge|età|возраст|yaş|나이|年龄|年齢"),
        ("view", "view|View Position|projection|AP/PA|ViewPosition|Proyección|体位"),
        ("", "stage|message|image|usage|sextant|agent|review"),
    ],
)
def test_columns_of_strata(stratum: str, names: str) -> None:
    assert {stratum_of(name) for name in names.split("|")} == {stratum}


def test_columns_of_labels_and_studies() -> None:
    sure = "label|Finding Labels|Diagnose|Befund|diagnóstico|etiqueta|classe|диагноз|tanı|진단|诊断|診断|y|Klasse"
    assert [name for name in sure.split("|") if not is_label_column(name, is_sure=True)] == []
    assert is_label_column("type") and not is_label_column("type", is_sure=True)
    assert [name for name in ["study", "day", "city", "file", "image", "sex"] if is_label_column(name)] == []
    assert (
        is_study_column("StudyInstanceUID") and is_study_column("Accession Number") and not is_study_column("student")
    )


NAMES = [f"p{place:02d}" for place in range(24)]


@pytest.mark.parametrize("column", [names.split("|")[0] for names in PATIENTS.values()])
def test_patients_beside_class_folders_are_offered_and_the_line_groups(plan, caplog, column: str) -> None:
    members = {f"{'ab'[place % 2]}/{name}.png": b"" for place, name in enumerate(NAMES)}
    rows = [["bild", column, "x"], *([name, 7 * (place // 3), place * 11] for place, name in enumerate(NAMES))]
    members["t.csv"] = as_csv(rows)
    (text,) = plan(members).layout.said["unused_tables"]
    assert f"the patient ({column!r})" in text and text in caplog.text
    (override,) = [word for word in shlex.split(text.partition("unused: ")[2]) if word != "-S"]
    assert f"patient:{column}" in override.replace('"', "")
    read = plan(members, labels={"table": "*t.csv", "id": "bild", "patient": column})
    assert len(set(read.layout.patient)) == 8


@pytest.mark.parametrize("column", ["fold", "kfold", "cv_split", "폴드"])
@pytest.mark.parametrize("form", ["{}", "fold_{}", "{}.0"])
def test_folds_are_said_and_never_used_or_offered_as_split_or_class(plan, column: str, form: str) -> None:
    rows = [["file", "label", column], *([n, "ab"[p % 2], form.format(p % 3)] for p, n in enumerate(NAMES))]
    table = {"t.csv": as_csv(rows)}
    read = plan({f"{'ab'[place % 2]}/{name}.png": b"" for place, name in enumerate(NAMES)} | table)
    (text,) = read.layout.said["unused_tables"]
    assert f"the column {column!r} (" in text and "8" in text and "numbers the folds of a cross-validation" in text
    assert "-S" not in text and not read.layout.is_split
    with pytest.raises(ChestbenchError) as error:
        plan({f"{name}.png": b"" for name in NAMES} | table)
    assert str(error.value).count("-S") == 1 and "column:label}" in str(error.value)
    assert "numbers the folds of a cross-validation, and is not used" in str(error.value)


def test_a_column_called_fold_that_says_the_parts_is_a_split(plan) -> None:
    rows = [["file", "fold"], *([name, ("train", "test")[place > 15]] for place, name in enumerate(NAMES))]
    members = {f"{'ab'[place % 2]}/{name}.png": b"" for place, name in enumerate(NAMES)}
    (text,) = plan(members | {"t.csv": as_csv(rows)}).layout.said["unused_tables"]
    assert "the split ('fold')" in text and "split:fold" in text
    labels = {"table": "*t.csv", "id": "file", "split": "fold"}
    assert plan(members | {"t.csv": as_csv(rows)}, labels=labels).layout.is_split
