"""The words a make-believe district is made of: names, school names, languages, area codes."""

_GIVEN_NAMES = """
    Ada Aiden Alma Amina Amos Anders Anja Anton Arlo Asha Aster Ava Bea Ben Bjorn Bo Bruno Cal Cara Carlos Celia Cleo
    Clara Cora Dalia Dana David Della Diego Dina Dov Edda Eli Ella Elsa Emil Enzo Erik Esme Esther Ethan Eva Ezra Faisal
    Faye Felix Fern Finn Flora Fox Freya Gabe Gia Gina Gus Hana Hugo Ida Iman Ines Ingrid Iris Isaac Ivan Ivy Jada James
    Jana Jasper Jens Jo Joel Jonas Jose Joy Juan Judah June Kai Kara Karl Kiran Kofi Lars Layla Lena Leo Liam Lila Linh
    Lou Lucia Luis Luka Lydia Maeve Mai Malik Mara Marco Maria Mateo Maya Mei Mila Milo Mina Minh Mona Nadia Naomi Nell
    Nia Nico Nils Nina Noah Noor Nora Odin Olga Omar Orla Oscar Otto Pablo Pao Pearl Petra Pia Rafael Rashid Remy Rhea
    Rita Rosa Ruth Sam Sana Selma Seth Simon Sofia Sol Stella Sven Tara Tess Theo Thuy Tomas Tova Uma Vera Victor Wade
    Willa Xiong Yara Yusuf Zane Zara Zoe
"""
_FAMILY_NAMES = """
    Abdi Ahlgren Ali Alvarez Anders Arroyo Ashby Bakke Barlow Becker Bell Benson Berg Bishop Blake Boateng Bower Brand
    Brook Burke Byrne Carver Castillo Chang Chen Cho Clarke Cole Cortez Cruz Dahl Dalton Davila Dean Delgado Diaz Dorsey
    Drake Duarte Dunn Eklund Ellis Engel Estrada Farah Fields Fischer Flores Foley Frost Fuentes Garza Gibbs Glenn Gomez
    Grant Greer Haas Hale Hansen Hart Hassan Hayes Heller Her Hicks Holm Hong Hughes Hussein Ibarra Ivers Jama Jensen
    Joyce Juarez Kaplan Keller Kim Klein Knox Kowal Lam Lang Larson Lee Leon Lind Lopez Lor Lowe Lund Mack Marsh Mbeki
    Medina Mercer Mohamed Molina Moore Moua Munoz Nash Navarro Ness Ngo Nguyen Nolan Novak Nygaard Oakes Olsen Omar
    Ortiz Osman Owens Paz Pena Perez Pham Pike Porter Quinn Ramos Reed Reyes Rios Rivas Roche Romero Rosen Ruiz Salas
    Santos Sato Shah Silva Singh Soto Stark Stone Strand Suarez Tate Thao Thorne Torres Tran Tucker Urban Vang Vargas
    Vega Vick Voss Wade Walsh Ward Webb Weiss West Wolf Wren Wu Xiong Yang Yates Young Zamora Ziegler
"""
_PLACES = """
    Maple Cedar Birch Aspen Willow Linden Heron Otter Fox Falcon Prairie River Lake Stone Sunset North
"""
_FEATURES = """
    Grove Creek Hill Ridge Valley Park Bluff Crossing Meadow Point Harbor Springs
"""
_AREA_CODES = """
    612 651 763 952 218 320 507 201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 219 220 223 224 225 227 228
    229 231 234 235 239 240 248 251 252 253 254 256 260 262 267 269 270 272 274 276 279 281 283 301 302 303 304 305 307
    308 309 310 312 313 314 315 316 317 318 319 321 323 324 325 326 327 329 330 331 332 334 336 337 339 341 346 347 350
    351 352 353 360 361 363 364 369 380 385 386 401 402 404 405 406 407 408 409 410 412 413 414 415 417 419 423 424 425
    430 432 434 435 440 442 443 445 447 448 458 463 464 469 470 472 475 478 479 480 484 501 502 503 504 505 508 509 510
    512 513 515 516 517 518 520 530 531 534 539 540 541 551 557 559 561 562 563 564 567 570 571 572 573 574 575 580 582
    585 586 601 602 603 605 606 607 608 609 610 614 615 616 617 618 619 620 623 626 628 629 630 631 636 640 641 645 646
    650 656 657 659 660 661 662 667 669 678 680 681 682 686 689 701 702 703 704 706 707 708 712 713 714 715 716 717 718
    719 720 724 725 726 727 728 730 731 732 734 737 738 740 743 747 748 754 757 760 762 765 769 770 771 772 773 774 775
    779 781 785 786 801 802 803 804 805 806 808 810 812 813 814 815 816 817 818 820 821 826 828 830 831 832 835 838 839
    840 843 845 847 848 850 854 856 857 858 859 860 862 863 864 865 870 872 878 901 903 904 906 907 908 909 910 912 913
    914 915 916 917 918 919 920 925 928 929 930 931 934 936 937 938 940 941 943 945 947 948 949 951 954 956 959 970 971
    972 973 975 978 979 980 983 984 985 986 989
"""

GIVEN_NAMES = tuple(_GIVEN_NAMES.split())
FAMILY_NAMES = tuple(_FAMILY_NAMES.split())
PLACES = tuple(_PLACES.split())
FEATURES = tuple(_FEATURES.split())
"""Schools are named after a place and a feature: Maple Grove."""
LANGUAGES = (("en", 0.80), ("es", 0.12), ("so", 0.03), ("hmn", 0.02), ("vi", 0.02), ("ar", 0.01))
"""Language codes and their shares."""
AREA_CODES = tuple(_AREA_CODES.split())
"""Geographic area codes of the United States, one region's first, so that small districts look local."""
