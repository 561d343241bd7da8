target_sources(hearsay_ui PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/clip_table_model.cpp
  ${CMAKE_CURRENT_LIST_DIR}/clip_view.cpp
  ${CMAKE_CURRENT_LIST_DIR}/label_acts.cpp
  ${CMAKE_CURRENT_LIST_DIR}/label_controller.cpp
  ${CMAKE_CURRENT_LIST_DIR}/label_page.cpp
  ${CMAKE_CURRENT_LIST_DIR}/label_page_classes.cpp
  ${CMAKE_CURRENT_LIST_DIR}/label_page_files.cpp
  ${CMAKE_CURRENT_LIST_DIR}/label_page_layout.cpp
  ${CMAKE_CURRENT_LIST_DIR}/new_session_dialog.cpp
  ${CMAKE_CURRENT_LIST_DIR}/region_row.cpp
  ${CMAKE_CURRENT_LIST_DIR}/suggester.cpp)
