"""Layouts of public chest sets, see layout_notation.py."""

from tests.catalog.layout_notation import Known

S3 = "{train,val,test}"
PUBLIC = {
    "chest-xray-pneumonia": Known(f"chest_xray/{S3}/{{NORMAL,PNEUMONIA}}", "NORMAL, PNEUMONIA", True),
    "chest-xray-pneumonia twice": Known(
        f"chest_xray/{S3}/{{NORMAL,PNEUMONIA}} | chest_xray/chest_xray/{S3}/{{NORMAL,PNEUMONIA}}",
        "NORMAL, PNEUMONIA", True),
    "chest-xray-pneumonia thrice": Known(
        f"chest_xray/{S3}/{{NORMAL,PNEUMONIA}} | chest_xray/chest_xray/{S3}/{{NORMAL,PNEUMONIA}} | "
        f"chest_xray/__MACOSX/chest_xray/{S3}/{{NORMAL,PNEUMONIA}}", "NORMAL, PNEUMONIA", True),
    "ZhangLabData": Known(
        "ZhangLabData/CellData/chest_xray/{train,test}/{NORMAL,PNEUMONIA}", "NORMAL, PNEUMONIA", True),
    "COVID-QU-Ex": Known(
        "COVID-QU-Ex/Infection Segmentation Data/Infection Segmentation Data/{Train,Val,Test}/"
        "{COVID-19,Non-COVID,Normal}/{images,lung masks,infection masks} @2 | "
        "COVID-QU-Ex/Lung Segmentation Data/Lung Segmentation Data/{Train,Val,Test}/"
        "{COVID-19,Non-COVID,Normal}/{images,lung masks} @2", "COVID-19, Non-COVID, Normal", True, masks=54),
    "Radiography": Known(
        "COVID-19_Radiography_Dataset/{COVID,Lung_Opacity,Normal,Viral Pneumonia}/{images,masks}",
        "COVID, Lung_Opacity, Normal, Viral Pneumonia", masks=16),
    "Radiography 2020": Known(
        "COVID-19 Radiography Database/{COVID-19,NORMAL,Viral Pneumonia}", "COVID-19, NORMAL, Viral Pneumonia"),
    "covid-chestxray-dataset": Known(
        "covid-chestxray-dataset/{images,volumes} @9", stops="expected a folder per class"),
    "NIH": Known("images_{001..012}/images", stops="expected a folder per class"),
    "CheXpert": Known(
        "CheXpert-v1.0-small/{train,valid}/patient{00001..00006}/study{1..2} @1", stops="expected a folder per class"),
    "MIMIC": Known(
        "files/p{10..12}/p{10000032..10000034}/s{50414267..50414269} @1", stops="expected a folder per class"),
    "RSNA": Known("stage_2_{train,test}_images @9", stops="expected a folder per class"),
    "VinBigData": Known("vinbigdata/{train,test} @9", stops="expected a folder per class"),
    "Shenzhen": Known("ChinaSet_AllFiles/CXR_png @9", stops="expected a folder per class"),
    "Montgomery": Known(
        "MontgomerySet/{CXR_png,ManualMask/leftMask,ManualMask/rightMask} @9", stops="expected a folder per class"),
    "TBX11K": Known(
        "TBX11K/imgs/{health,sick,tb,extra/da,extra/da+db} @6 | TBX11K/imgs/test @6", stops="outside the folders"),
    "TBX11K simplified": Known("tbx11k-simplified/images @9", stops="expected a folder per class"),
    "TB database": Known("TB_Chest_Radiography_Database/{Normal,Tuberculosis}", "Normal, Tuberculosis"),
    "COVID-CT": Known("COVID-CT/Images-processed/{CT_COVID,CT_NonCOVID}", "CT_COVID, CT_NonCOVID"),
    "SARS-CoV-2 CT": Known("SARS-COV-2-Ct-Scan-Dataset/{COVID,non-COVID}", "COVID, non-COVID"),
    "SARS-CoV-2 CT of patients": Known(
        "{COVID,Healthy,Others}/Patient ({1..4})", "COVID, Healthy, Others", patients=12),
    "COVID-CTset by patient": Known(
        "COVID-CTset/{covid,normal}/{137covid_,12normal_}patient{1..4}/SR_{2..3}", "covid, normal", patients=16),
    "COVID-CTset parts": Known("{covid1,covid2,covid3,normal1,normal2}", stops='"covid1": covid'),
    "IQ-OTH": Known(
        "The IQ-OTHNCCD lung cancer dataset/The IQ-OTHNCCD lung cancer dataset/"
        "{Bengin cases,Malignant cases,Normal cases,Test cases}", "Bengin cases, Malignant cases, Normal cases"),
    "chest-ctscan-images": Known(
        "Data/{train,valid}/{adenocarcinoma_left.lower.lobe_T2_N0_M0_Ib,large.cell.carcinoma_left.hilum_T2_N2_M0_IIIa,"
        "normal,squamous.cell.carcinoma_left.hilum_T1_N2_M0_IIIa} | Data/test/{adenocarcinoma,large.cell.carcinoma,"
        "normal,squamous.cell.carcinoma}", stops="every class in the train part"),
    "LIDC": Known(
        "LIDC-IDRI/LIDC-IDRI-{0001..0006}/1.3.6.1.4.1.14519.5.2.1.6279.6001.{175..176}/"
        "1.3.6.1.4.1.14519.5.2.1.6279.6001.{30..31} @2", stops="expected a folder per class"),
    "LIDC slices": Known(
        "LIDC-IDRI-slices/LIDC-IDRI-{0001..0003}/nodule-{0..2}/{images,mask-{0..3}} @2", stops="folder per class"),
    "MosMed": Known(
        "MosMedData/studies/{CT-0,CT-1,CT-2,CT-3,CT-4}/study_{0001..0004}", stops="CT-0, CT-1, CT-2, CT-3, CT-4"),
    "HUST-19": Known(
        "HUST-19/{Patient {1..5}}/CT @9", stops="expected a folder per class"),
    "HUST slices": Known("{NiCT,pCT,nCT} @40", "NiCT, nCT, pCT"),
    "large CT slices": Known("curated_data/curated_data/{1NonCOVID,2COVID,3CAP}", "1NonCOVID, 2COVID, 3CAP"),
    "BIMCV": Known(
        "bimcv_covid19_{posi,nega}/sub-S{03044..03049}/ses-E{07985..07986}/mod-rx @1",
        "bimcv_covid19_nega, bimcv_covid19_posi", patients=6),
    "COVIDx": Known("data/{train,test} @9", stops="expected a folder per class"),
    "COVIDGR": Known("Revised-croped/{P,N}", "N, P"),
    "COVIDGR grades": Known(
        "COVIDGR_1.0/{P/{Mild,Moderate,Normal-PCR+,Severe},N}", stops="N, P | Mild, Moderate, N"),
    "PadChest": Known("PadChest/{0..5} @9", stops="0"),
    "Curated X-ray": Known(
        "Curated X-Ray Dataset/{COVID-19,Normal,Pneumonia-Bacterial,Pneumonia-Viral}",
        "COVID-19, Normal, Pneumonia-Bacterial, Pneumonia-Viral"),
    "PA set": Known("Data/{train,test}/{COVID19,NORMAL,PNEUMONIA}", "COVID19, NORMAL, PNEUMONIA", True),
    "COVID PNEUMONIA NORMAL PA": Known("{covid,normal,pneumonia}", "covid, normal, pneumonia"),
    "CC-CCII": Known(
        "CC-CCII/{NCP/{100..104}/{1100..1101},CP/{200..204}/{2100..2101},Normal/{300..304}/{3100..3101}} @3",
        "CP, NCP, Normal", patients=15),
    "COV19-CT-DB": Known(
        "COV19-CT-DB/{train,validation}/{covid,non-covid}/ct_scan_{0..4}", "covid, non-covid", True, patients=10),
    "Extensive CT and X-ray": Known(
        "COVID-19 Dataset/{CT,X-ray}/{COVID,Non-COVID}", "COVID, Non-COVID", sources="CT, X-ray"),
    "CT and X-ray of two sets": Known(
        "Curated CT & X-Ray/{CT scans,X-ray images}/{train,test}/{covid,normal}", "covid, normal", True,
        sources="CT scans, X-ray images"),
    "COVID-19 augmented": Known(
        "{Augmented images,Original images}/{COVID-19,Non-COVID}", "COVID-19, Non-COVID",
        sources="Augmented images, Original images"),
    "covid19-image-dataset": Known(
        "Covid19-dataset/{train,test}/{Covid,Normal,Viral Pneumonia}", "Covid, Normal, Viral Pneumonia", True),
    "COVIDx CT": Known("2A_images @20", stops="expected"),
    "pneumonia 4 classes": Known(
        "Lung Disease Dataset/{train,val,test}/{Bacterial Pneumonia,Corona Virus Disease,Normal,Tuberculosis,"
        "Viral Pneumonia}", "Bacterial Pneumonia, Corona Virus Disease, Normal, Tuberculosis, Viral Pneumonia", True),
    "ct-low-dose": Known("Preprocessed CT scans/{nCT,pCT}", "nCT, pCT"),
    "pulmonary embolism": Known("FUMPE/CT_scans/PAT{001..006} @9", stops="folder per class"),
    "pneumothorax": Known("siim/{dicom-images-train,dicom-images-test}/1.2.276.{1..4}/1.2.277.{1..4} @1",
                          stops="folder per class"),
    "JSRT": Known("JSRT/{All247images,BMP}", stops="folder per class"),
    "belarus": Known("belarus/{DS-TB,MDR-TB,XDR-TB}", "DS-TB, MDR-TB, XDR-TB"),
    "xray with masks": Known(
        "Lung Segmentation/{CXR_png,masks,test} @9", stops="expected"),
    "covid multi-severity": Known(
        "{Covid/{Mild,Moderate,Severe},Non-Covid}", stops="Covid, Non-Covid | Mild, Moderate, Non-Covid, Severe"),
    "pneumonia with kinds below": Known(
        "{NORMAL,PNEUMONIA/{BACTERIA,VIRUS}}", stops="NORMAL, PNEUMONIA | BACTERIA, NORMAL, VIRUS"),
    "pneumonia with kinds of all": Known(
        "{train,test}/{normal,pneumonia/{bacterial,viral,covid}}",
        stops="normal, pneumonia | bacterial, covid, normal, viral"),
}  # fmt: skip
