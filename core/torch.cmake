# LibTorch as the target `hearsay_torch`, a system library so that its headers raise no warnings of ours.
#
# Debian's package comes with a CMake package that works as it is. The PyPI wheel's wants a whole CUDA toolkit with its
# compiler when it was built for CUDA, although linking needs none of it: there the headers and libraries are taken
# directly from the wheel's folder, the one named in CMAKE_PREFIX_PATH.
add_library(hearsay_torch INTERFACE)

set(wheel "")
foreach(prefix ${CMAKE_PREFIX_PATH})
  if(EXISTS "${prefix}/lib/libtorch_cpu.so" AND EXISTS "${prefix}/include/torch/csrc/api/include/torch/torch.h")
    set(wheel "${prefix}")
  endif()
endforeach()

if(wheel)
  message(STATUS "LibTorch: the folder ${wheel}")
  set(libraries "${wheel}/lib/libtorch.so" "${wheel}/lib/libtorch_cpu.so" "${wheel}/lib/libc10.so")
  if(EXISTS "${wheel}/lib/libtorch_cuda.so")
    # Nothing of ours names a symbol of these, but without them LibTorch finds no GPU.
    list(PREPEND libraries "-Wl,--no-as-needed" "${wheel}/lib/libtorch_cuda.so" "${wheel}/lib/libc10_cuda.so")
    list(APPEND libraries "-Wl,--as-needed" "-Wl,--allow-shlib-undefined")
  endif()
  # First the system's own: the wheel's libraries hold an older libstdc++'s std::filesystem for all to see, and taking
  # that one remove_all() jumps to nowhere.
  target_link_libraries(hearsay_torch INTERFACE stdc++ ${libraries})
  target_include_directories(hearsay_torch SYSTEM INTERFACE "${wheel}/include" "${wheel}/include/torch/csrc/api/include")
  list(APPEND CMAKE_BUILD_RPATH "${wheel}/lib")
  list(APPEND CMAKE_INSTALL_RPATH "${wheel}/lib")
else()
  find_package(Torch REQUIRED)
  message(STATUS "LibTorch: ${Torch_DIR}")
  target_link_libraries(hearsay_torch INTERFACE ${TORCH_LIBRARIES})
  target_include_directories(hearsay_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
  separate_arguments(torch_flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
  target_compile_options(hearsay_torch INTERFACE ${torch_flags})
endif()

# at::parallel_for is a header's: without OpenMP's flag where it is used, it runs on one thread. The wheel brings a libgomp
# of its own, and one process can do without two.
find_package(OpenMP REQUIRED COMPONENTS CXX)
set(own_openmp "")
if(wheel)
  file(GLOB own_openmp "${wheel}/lib/libgomp*.so*")
endif()
if(own_openmp)
  target_compile_options(hearsay_torch INTERFACE ${OpenMP_CXX_FLAGS})
  target_link_libraries(hearsay_torch INTERFACE ${own_openmp})
else()
  target_link_libraries(hearsay_torch INTERFACE OpenMP::OpenMP_CXX)
endif()
