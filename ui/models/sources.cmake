target_sources(hearsay_ui PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/caption_cache_line.cpp
  ${CMAKE_CURRENT_LIST_DIR}/download_dialog.cpp
  ${CMAKE_CURRENT_LIST_DIR}/model_download.cpp
  ${CMAKE_CURRENT_LIST_DIR}/model_download_files.cpp
  ${CMAKE_CURRENT_LIST_DIR}/model_table.cpp
  ${CMAKE_CURRENT_LIST_DIR}/models_page.cpp
  ${CMAKE_CURRENT_LIST_DIR}/models_page_layout.cpp
  ${CMAKE_CURRENT_LIST_DIR}/published_models.cpp)
