// What one launch has to know of each image of a batch; laid out as `SHOT` in fastecg_kernels/cuda/shots.py.
#pragma once

// What is done to what the camera sees.
#define STEP_LIGHT 1u
#define STEP_PEPPER 2u

// Indices are places in the batch's arrays; -1 is none. A shot without a mesh is the page itself.
struct Shot {
    long long surface_start, ground_start;
    int image, page, shade, alpha, mesh, light;
    int surface_rows, surface_columns, ground_rows, ground_columns;
    float frame_x, frame_y, frame_step, offset, fixed, growing;
    unsigned int key_first, key_second, pepper_hits, steps;
};

static_assert(sizeof(Shot) == 96, "SHOT in shots.py has to be laid out alike");

// Pixels of all images and of all pages of a batch.
struct Sizes {
    int height, width, page_height, page_width;
};
