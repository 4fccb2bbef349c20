def make_a_table(
    an_input_with_a_name_of_forty_characters, a_file_with_a_name_of_forty_characters__
):
    a_file_with_a_name_of_forty_characters__.write_text("a,b\n1,2\n")
    return an_input_with_a_name_of_forty_characters + 1
