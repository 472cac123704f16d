//! The published cells as their sources print them, in the DARTS notation. Only data; `named.rs` reads it.

const HUAWEI_CARS: &str = "huawei-noah/CARS, README.md at commit 37b0b04 (CARS, CVPR 2020)";
const DARTS: &str = "quark0/darts, cnn/genotypes.py at commit f276dd3 (DARTS, ICLR 2019)";
const AUTODL: &str = "D-X-Y/AutoDL-Projects, xautodl/nas_infer_model/DXYs/genotypes.py at commit f46486e";
const COLLECTION: &str = "a third-party collection in the style of TrojanZoo; low confidence";

/// Name, source, text.
pub(super) const TABLE: [(&str, &str, &str); 24] = [
    (
        "CARS_A",
        HUAWEI_CARS,
        "Genotype(normal=[\
         ('skip_connect', 0), ('sep_conv_5x5', 1), ('max_pool_3x3', 0), ('avg_pool_3x3', 1), \
         ('max_pool_3x3', 0), ('max_pool_3x3', 1), ('sep_conv_3x3', 0), ('dil_conv_5x5', 2)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('avg_pool_3x3', 0), ('max_pool_3x3', 1), ('max_pool_3x3', 0), ('skip_connect', 1), \
         ('max_pool_3x3', 0), ('dil_conv_5x5', 1), ('dil_conv_5x5', 0), ('skip_connect', 2)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
    (
        "CARS_B",
        HUAWEI_CARS,
        "Genotype(normal=[\
         ('sep_conv_5x5', 0), ('dil_conv_3x3', 1), ('sep_conv_3x3', 0), ('avg_pool_3x3', 2), \
         ('dil_conv_3x3', 0), ('max_pool_3x3', 1), ('avg_pool_3x3', 0), ('skip_connect', 1)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('sep_conv_5x5', 0), ('skip_connect', 1), ('sep_conv_3x3', 0), ('max_pool_3x3', 1), \
         ('avg_pool_3x3', 0), ('avg_pool_3x3', 1), ('dil_conv_3x3', 3), ('max_pool_3x3', 0)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
    (
        "CARS_C",
        HUAWEI_CARS,
        "Genotype(normal=[\
         ('sep_conv_5x5', 0), ('skip_connect', 1), ('skip_connect', 0), ('skip_connect', 1), \
         ('skip_connect', 0), ('max_pool_3x3', 1), ('sep_conv_5x5', 0), ('sep_conv_3x3', 1)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('max_pool_3x3', 1), ('max_pool_3x3', 0), ('sep_conv_5x5', 0), ('sep_conv_5x5', 1), \
         ('dil_conv_5x5', 0), ('max_pool_3x3', 1), ('sep_conv_5x5', 0), ('dil_conv_3x3', 1)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
    (
        "CARS_D",
        HUAWEI_CARS,
        "Genotype(normal=[\
         ('sep_conv_5x5', 0), ('dil_conv_3x3', 1), ('skip_connect', 0), ('avg_pool_3x3', 1), \
         ('skip_connect', 0), ('max_pool_3x3', 1), ('sep_conv_5x5', 0), ('sep_conv_3x3', 1)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('max_pool_3x3', 1), ('max_pool_3x3', 0), ('max_pool_3x3', 0), ('sep_conv_3x3', 1), \
         ('dil_conv_5x5', 0), ('max_pool_3x3', 1), ('sep_conv_5x5', 0), ('dil_conv_3x3', 1)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
    (
        "CARS_E",
        HUAWEI_CARS,
        "Genotype(normal=[\
         ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('skip_connect', 0), ('sep_conv_3x3', 2), \
         ('avg_pool_3x3', 1), ('sep_conv_3x3', 2), ('skip_connect', 3), ('skip_connect', 4)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('skip_connect', 0), ('dil_conv_3x3', 1), ('avg_pool_3x3', 0), ('skip_connect', 2), \
         ('sep_conv_3x3', 2), ('max_pool_3x3', 0), ('avg_pool_3x3', 0), ('sep_conv_3x3', 4)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
    (
        "CARS_F",
        HUAWEI_CARS,
        "Genotype(normal=[\
         ('skip_connect', 0), ('sep_conv_5x5', 1), ('sep_conv_5x5', 0), ('skip_connect', 2), \
         ('sep_conv_5x5', 3), ('max_pool_3x3', 0), ('skip_connect', 0), ('sep_conv_3x3', 1)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('avg_pool_3x3', 0), ('sep_conv_5x5', 1), ('dil_conv_3x3', 0), ('dil_conv_5x5', 1), \
         ('sep_conv_5x5', 1), ('skip_connect', 2), ('max_pool_3x3', 0), ('max_pool_3x3', 1)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
    (
        "CARS_G",
        HUAWEI_CARS,
        "Genotype(normal=[\
         ('max_pool_3x3', 0), ('dil_conv_5x5', 1), ('sep_conv_3x3', 0), ('skip_connect', 1), \
         ('dil_conv_5x5', 0), ('sep_conv_5x5', 1), ('avg_pool_3x3', 0), ('sep_conv_3x3', 1)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('max_pool_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_5x5', 1), \
         ('sep_conv_3x3', 0), ('skip_connect', 1), ('avg_pool_3x3', 0), ('dil_conv_3x3', 1)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
    (
        "CARS_H",
        HUAWEI_CARS,
        "Genotype(normal=[\
         ('sep_conv_5x5', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('dil_conv_5x5', 2), \
         ('avg_pool_3x3', 0), ('skip_connect', 1), ('sep_conv_5x5', 2), ('max_pool_3x3', 0)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('sep_conv_5x5', 0), ('max_pool_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 1), \
         ('dil_conv_3x3', 2), ('max_pool_3x3', 0), ('sep_conv_5x5', 0), ('avg_pool_3x3', 3)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
    (
        "CARS_I",
        HUAWEI_CARS,
        "Genotype(normal=[\
         ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('skip_connect', 0), ('sep_conv_5x5', 1), \
         ('skip_connect', 2), ('sep_conv_3x3', 3), ('sep_conv_3x3', 0), ('dil_conv_5x5', 4)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('dil_conv_3x3', 0), ('skip_connect', 1), ('max_pool_3x3', 0), ('max_pool_3x3', 2), \
         ('skip_connect', 1), ('sep_conv_5x5', 3), ('dil_conv_3x3', 1), ('max_pool_3x3', 4)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
    (
        "CARS_Lat_A",
        HUAWEI_CARS,
        "Genotype(normal=[\
         ('skip_connect', 0), ('max_pool_3x3', 1), ('avg_pool_3x3', 0), ('max_pool_3x3', 1), \
         ('skip_connect', 2), ('skip_connect', 3), ('skip_connect', 2), ('skip_connect', 3)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('skip_connect', 0), ('sep_conv_5x5', 1), ('dil_conv_5x5', 0), ('max_pool_3x3', 2), \
         ('skip_connect', 0), ('max_pool_3x3', 1), ('skip_connect', 1), ('avg_pool_3x3', 4)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
    (
        "CARS_Lat_B",
        HUAWEI_CARS,
        "Genotype(normal=[\
         ('skip_connect', 0), ('skip_connect', 1), ('skip_connect', 1), ('dil_conv_3x3', 2), \
         ('skip_connect', 2), ('skip_connect', 3), ('max_pool_3x3', 0), ('max_pool_3x3', 2)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 1), ('max_pool_3x3', 0), \
         ('sep_conv_3x3', 0), ('max_pool_3x3', 1), ('dil_conv_5x5', 0), ('avg_pool_3x3', 2)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
    (
        "CARS_Lat_C",
        HUAWEI_CARS,
        "Genotype(normal=[\
         ('skip_connect', 0), ('avg_pool_3x3', 1), ('skip_connect', 0), ('skip_connect', 1), \
         ('max_pool_3x3', 1), ('skip_connect', 3), ('dil_conv_3x3', 2), ('skip_connect', 4)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('skip_connect', 0), ('sep_conv_5x5', 1), ('avg_pool_3x3', 1), ('sep_conv_5x5', 2), \
         ('max_pool_3x3', 0), ('max_pool_3x3', 1), ('dil_conv_5x5', 2), ('skip_connect', 4)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
    (
        "CARS_Lat_D",
        HUAWEI_CARS,
        "Genotype(normal=[\
         ('sep_conv_3x3', 0), ('skip_connect', 1), ('skip_connect', 0), ('skip_connect', 1), \
         ('skip_connect', 1), ('avg_pool_3x3', 3), ('dil_conv_3x3', 2), ('skip_connect', 4)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('dil_conv_5x5', 0), ('sep_conv_5x5', 1), ('avg_pool_3x3', 1), ('sep_conv_5x5', 2), \
         ('max_pool_3x3', 0), ('max_pool_3x3', 1), ('dil_conv_5x5', 2), ('skip_connect', 4)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
    (
        "CARS_Lat_E",
        HUAWEI_CARS,
        "Genotype(normal=[\
         ('dil_conv_5x5', 0), ('skip_connect', 1), ('skip_connect', 1), ('avg_pool_3x3', 2), \
         ('skip_connect', 1), ('avg_pool_3x3', 2), ('skip_connect', 0), ('max_pool_3x3', 1)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('skip_connect', 0), ('dil_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 2), \
         ('dil_conv_3x3', 0), ('avg_pool_3x3', 3), ('sep_conv_3x3', 1), ('sep_conv_5x5', 2)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
    (
        "CARS_Lat_F",
        HUAWEI_CARS,
        "Genotype(normal=[\
         ('sep_conv_5x5', 0), ('skip_connect', 1), ('skip_connect', 0), ('avg_pool_3x3', 1), \
         ('dil_conv_3x3', 1), ('max_pool_3x3', 0), ('skip_connect', 0), ('skip_connect', 1)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('sep_conv_5x5', 0), ('max_pool_3x3', 1), ('sep_conv_5x5', 1), ('skip_connect', 2), \
         ('sep_conv_5x5', 0), ('sep_conv_5x5', 1), ('sep_conv_5x5', 3), ('dil_conv_3x3', 4)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
    (
        "CARS_Lat_G",
        HUAWEI_CARS,
        "Genotype(normal=[\
         ('sep_conv_5x5', 0), ('skip_connect', 1), ('sep_conv_3x3', 0), ('sep_conv_5x5', 2), \
         ('dil_conv_3x3', 1), ('max_pool_3x3', 0), ('skip_connect', 0), ('skip_connect', 1)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('sep_conv_5x5', 0), ('max_pool_3x3', 1), ('sep_conv_3x3', 0), ('avg_pool_3x3', 2), \
         ('sep_conv_5x5', 0), ('sep_conv_5x5', 1), ('sep_conv_5x5', 3), ('dil_conv_3x3', 4)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
    (
        "DARTS_V1",
        DARTS,
        "Genotype(normal=[\
         ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 0), ('sep_conv_3x3', 1), \
         ('skip_connect', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 2)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 0), \
         ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('avg_pool_3x3', 0)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
    (
        "DARTS_V2",
        DARTS,
        "Genotype(normal=[\
         ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), \
         ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), \
         ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
    (
        "NASNet_A",
        DARTS,
        "Genotype(normal=[\
         ('sep_conv_5x5', 1), ('sep_conv_3x3', 0), ('sep_conv_5x5', 0), ('sep_conv_3x3', 0), \
         ('avg_pool_3x3', 1), ('skip_connect', 0), ('avg_pool_3x3', 0), ('avg_pool_3x3', 0), \
         ('sep_conv_3x3', 1), ('skip_connect', 1)], \
         normal_concat=[2, 3, 4, 5, 6], reduce=[\
         ('sep_conv_5x5', 1), ('sep_conv_7x7', 0), ('max_pool_3x3', 1), ('sep_conv_7x7', 0), \
         ('avg_pool_3x3', 1), ('sep_conv_5x5', 0), ('skip_connect', 3), ('avg_pool_3x3', 2), \
         ('sep_conv_3x3', 2), ('max_pool_3x3', 1)], \
         reduce_concat=[4, 5, 6])",
    ),
    (
        "AmoebaNet_A",
        DARTS,
        "Genotype(normal=[\
         ('avg_pool_3x3', 0), ('max_pool_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_5x5', 2), \
         ('sep_conv_3x3', 0), ('avg_pool_3x3', 3), ('sep_conv_3x3', 1), ('skip_connect', 1), \
         ('skip_connect', 0), ('avg_pool_3x3', 1)], \
         normal_concat=[4, 5, 6], reduce=[\
         ('avg_pool_3x3', 0), ('sep_conv_3x3', 1), ('max_pool_3x3', 0), ('sep_conv_7x7', 2), \
         ('sep_conv_7x7', 0), ('avg_pool_3x3', 1), ('max_pool_3x3', 0), ('max_pool_3x3', 1), \
         ('conv_7x1_1x7', 0), ('sep_conv_3x3', 5)], \
         reduce_concat=[3, 4, 6])",
    ),
    (
        "PNASNet_5",
        AUTODL,
        "Genotype(normal=[\
         ('sep_conv_5x5', 0), ('max_pool_3x3', 0), ('sep_conv_7x7', 1), ('max_pool_3x3', 1), \
         ('sep_conv_5x5', 1), ('sep_conv_3x3', 1), ('sep_conv_3x3', 4), ('max_pool_3x3', 1), \
         ('sep_conv_3x3', 0), ('skip_connect', 1)], \
         normal_concat=[2, 3, 4, 5, 6], reduce=[\
         ('sep_conv_5x5', 0), ('max_pool_3x3', 0), ('sep_conv_7x7', 1), ('max_pool_3x3', 1), \
         ('sep_conv_5x5', 1), ('sep_conv_3x3', 1), ('sep_conv_3x3', 4), ('max_pool_3x3', 1), \
         ('sep_conv_3x3', 0), ('skip_connect', 1)], \
         reduce_concat=[2, 3, 4, 5, 6])",
    ),
    (
        "ENASNet",
        AUTODL,
        "Genotype(normal=[\
         ('sep_conv_3x3', 1), ('skip_connect', 1), ('sep_conv_5x5', 1), ('skip_connect', 0), \
         ('avg_pool_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('avg_pool_3x3', 1), \
         ('sep_conv_5x5', 1), ('avg_pool_3x3', 0)], \
         normal_concat=[2, 3, 4, 5, 6], reduce=[\
         ('sep_conv_5x5', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('avg_pool_3x3', 1), \
         ('sep_conv_3x3', 1), ('avg_pool_3x3', 1), ('avg_pool_3x3', 1), ('sep_conv_5x5', 4), \
         ('sep_conv_3x3', 5), ('sep_conv_5x5', 0)], \
         reduce_concat=[2, 3, 4, 5, 6])",
    ),
    (
        "GDAS_V1",
        AUTODL,
        "Genotype(normal=[\
         ('skip_connect', 0), ('skip_connect', 1), ('skip_connect', 0), ('sep_conv_5x5', 2), \
         ('sep_conv_3x3', 3), ('skip_connect', 0), ('sep_conv_5x5', 4), ('sep_conv_3x3', 3)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('sep_conv_5x5', 0), ('sep_conv_3x3', 1), ('sep_conv_5x5', 2), ('sep_conv_5x5', 1), \
         ('dil_conv_5x5', 2), ('sep_conv_3x3', 1), ('sep_conv_5x5', 0), ('sep_conv_5x5', 1)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
    (
        "SNAS_mild",
        COLLECTION,
        "Genotype(normal=[\
         ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('skip_connect', 0), ('dil_conv_3x3', 1), \
         ('skip_connect', 0), ('skip_connect', 1), ('skip_connect', 0), ('sep_conv_3x3', 1)], \
         normal_concat=[2, 3, 4, 5], reduce=[\
         ('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), \
         ('max_pool_3x3', 1), ('skip_connect', 2), ('dil_conv_5x5', 2), ('max_pool_3x3', 0)], \
         reduce_concat=[2, 3, 4, 5])",
    ),
];
