#include "colony_faiss.h"

#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>

#include <faiss/Index.h>
#include <faiss/IndexFlat.h>
#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVFFlat.h>
#include <omp.h>

/* Present when the BLAS behind FAISS is OpenBLAS, whose threads OpenMP's setting does not reach. */
extern "C" {
void openblas_set_num_threads(int threads) __attribute__((weak));
int openblas_get_num_threads(void) __attribute__((weak));
}

struct colony_faiss_error {
    std::string text;
};

struct colony_faiss_index {
    std::unique_ptr<faiss::Index> index;
};

namespace {

constexpr int32_t kMaxDimension = 1 << 16;
constexpr int32_t kMaxTop = 1 << 16;
constexpr int32_t kMaxThreads = 1024;

/* Handed out when there is no memory left for an error of its own; never freed. */
colony_faiss_error out_of_memory{"out of memory"};

colony_faiss_error* make_error(const char* text) noexcept {
    try {
        return new colony_faiss_error{text};
    } catch (...) {
        return &out_of_memory;
    }
}

template <typename Action>
colony_faiss_error* guarded(Action&& action) noexcept {
    try {
        action();
        return nullptr;
    } catch (const std::bad_alloc&) {
        return &out_of_memory;
    } catch (const std::exception& e) {
        return make_error(e.what());
    } catch (...) {
        return make_error("an exception that is no std::exception");
    }
}

void require(bool holds, const char* what) {
    if (!holds) {
        throw std::invalid_argument(what);
    }
}

/*
 * OpenMP keeps its number of threads for each calling thread, OpenBLAS for the process; both are put back, so that a
 * caller's other work is unchanged.
 */
class ThreadScope {
public:
    explicit ThreadScope(int32_t threads) {
        require(threads >= 1 && threads <= kMaxThreads, "threads must be from 1 to 1024");
        omp_set_num_threads(threads);
        if (has_openblas()) {
            openblas_set_num_threads(threads);
        }
    }
    ~ThreadScope() {
        omp_set_num_threads(omp_before_);
        if (has_openblas()) {
            openblas_set_num_threads(blas_before_);
        }
    }
    ThreadScope(const ThreadScope&) = delete;
    ThreadScope& operator=(const ThreadScope&) = delete;

private:
    static bool has_openblas() { return openblas_set_num_threads != nullptr && openblas_get_num_threads != nullptr; }

    const int omp_before_ = omp_get_max_threads();
    const int blas_before_ = has_openblas() ? openblas_get_num_threads() : 0;
};

void give(std::unique_ptr<faiss::Index> made, colony_faiss_index** index) {
    *index = new colony_faiss_index{std::move(made)};
}

void require_dimension(int32_t dimension) {
    require(dimension >= 1 && dimension <= kMaxDimension, "dimension must be from 1 to 65536");
}

}  // namespace

const char* colony_faiss_error_text(const colony_faiss_error* error) {
    return error->text.c_str();
}

void colony_faiss_error_free(colony_faiss_error* error) {
    if (error != &out_of_memory) {
        delete error;
    }
}

colony_faiss_error* colony_faiss_version(int32_t* version) {
    *version = FAISS_VERSION_MAJOR * 10000 + FAISS_VERSION_MINOR * 100 + FAISS_VERSION_PATCH;
    return nullptr;
}

colony_faiss_error* colony_faiss_open_flat(int32_t dimension, colony_faiss_index** index) {
    return guarded([&] {
        require_dimension(dimension);
        give(std::make_unique<faiss::IndexFlatIP>(dimension), index);
    });
}

colony_faiss_error* colony_faiss_open_hnsw(
    int32_t dimension, int32_t links, int32_t build_width, int32_t search_width, colony_faiss_index** index) {
    return guarded([&] {
        require_dimension(dimension);
        require(links >= 2 && links <= 256, "links must be from 2 to 256");
        require(build_width >= 1 && search_width >= 1, "the widths must be at least 1");
        auto made = std::make_unique<faiss::IndexHNSWFlat>(dimension, links, faiss::METRIC_INNER_PRODUCT);
        made->hnsw.efConstruction = build_width;
        made->hnsw.efSearch = search_width;
        give(std::move(made), index);
    });
}

colony_faiss_error* colony_faiss_open_ivf(
    int32_t dimension, int32_t lists, int32_t probes, colony_faiss_index** index) {
    return guarded([&] {
        require_dimension(dimension);
        require(lists >= 1 && lists <= 1 << 20, "lists must be from 1 to 1048576");
        require(probes >= 1 && probes <= lists, "probes must be from 1 to lists");
        auto centres = std::make_unique<faiss::IndexFlatIP>(dimension);
        auto made = std::make_unique<faiss::IndexIVFFlat>(
            centres.get(), static_cast<size_t>(dimension), static_cast<size_t>(lists), faiss::METRIC_INNER_PRODUCT);
        made->own_fields = true;
        centres.release();
        made->nprobe = static_cast<size_t>(probes);
        give(std::move(made), index);
    });
}

void colony_faiss_close(colony_faiss_index* index) {
    delete index;
}

colony_faiss_error* colony_faiss_count(const colony_faiss_index* index, int64_t* count) {
    *count = index->index->ntotal;
    return nullptr;
}

colony_faiss_error* colony_faiss_add(
    colony_faiss_index* index, int64_t count, const float* vectors, int32_t threads) {
    return guarded([&] {
        require(count >= 0, "count must not be negative");
        const ThreadScope scope(threads);
        if (!index->index->is_trained) {
            index->index->train(count, vectors);
        }
        index->index->add(count, vectors);
    });
}

colony_faiss_error* colony_faiss_search(
    const colony_faiss_index* index, int64_t count, const float* queries, int32_t top, float* scores, int64_t* ids,
    int32_t threads) {
    return guarded([&] {
        require(count >= 0, "count must not be negative");
        require(top >= 1 && top <= kMaxTop, "top must be from 1 to 65536");
        const ThreadScope scope(threads);
        index->index->search(count, queries, top, scores, ids);
    });
}
