"""Words of people, places, devices and views."""

from chestbench.catalog.folders.words.words import word_set

PATIENT_WORDS = word_set(
    "patient patients pat pats patientid subject subjects subj person persons pid "
    "paciente pacientes paziente pazienti pacjent пациент hasta 환자 患者 病人"
)
ID_WORDS = PATIENT_WORDS | word_set(
    "p pt s st se ses e sub sr ser series study studies case id ids visit exam exams examination session "
    "acquisition acc accession "
    "view views day week month year date time stack vol volume run im img image scan slice no nr num number uid person"
)
SCAN_WORDS = word_set("ct cts hrct scan scans slice slices chest lung")
PLACES = word_set(
    "hospital hospitals hosp site sites center centers centre centres clinic clinics institution institutions "
    "institute university univ source sources vendor vendors scanner scanners device devices machine machines country "
    "countries city region origin provider domain cohort cohorts center1 campus ward department dept lab laboratory "
    "siemens ge philips toshiba canon fuji fujifilm hitachi agfa carestream kodak samsung"
)
_VIEWS = word_set(
    "pa ap lat lateral frontal supine erect upright axial coronal sagittal view views projection "
    "position orientation ll rl portable left right upper lower anterior posterior"
)
_PEOPLE = word_set(
    "male female males females man men woman women boy girl m f sex gender age ages adult adults "
    "pediatric paediatric child children infant infants elderly years year"
)
CONTEXT_WORDS = PLACES | _VIEWS | _PEOPLE
# Where pictures are from, where nothing else is said; and what is counted where sets are joined: "dataset 2".
ORIGINS = word_set("kaggle github mendeley zenodo figshare radiopaedia public private internal external own")
COUNTED_SETS = word_set("dataset datasets database db cohort collection")
