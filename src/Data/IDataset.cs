using Colony.Torch;

namespace Colony.Data;

/// <summary>
/// One split of a data set. A sample is a caption with its image; captions are image-major, so image = caption /
/// <see cref="CaptionsPerImage"/>. Loading is thread-safe. Errors in files are <see cref="DataException"/>.
/// <para>
/// Names and shapes of a batch of b rows: <c>features</c> [b, R, D] float32, or float16 where a pack holds them so
/// (<see cref="NamedTensors.To"/> widens them on the device), <c>boxes</c> [b, R, 4] float32 (where the
/// data has boxes), <c>image_sizes</c> [b, 2] float32 (width and height, where boxes were scaled by them),
/// <c>feat_len</c> [b] int64; <c>captions</c> [b, T] int64 or <c>cap_features</c> [b, T, W] float32; <c>cap_len</c> [b]
/// int64; <c>sample</c> [b] int64, and <c>image</c> [b] int64 of each sample's image. Word pieces are all of type 0,
/// and the mask of a BERT is <c>cap_len</c>. R and T are the longest of the batch, what is behind a length is zero. The
/// caller disposes of the batch.
/// </para>
/// </summary>
public interface IDataset : IDisposable
{
    /// <summary>Samples, which are captions.</summary>
    int Samples { get; }

    /// <summary>Images.</summary>
    int Images { get; }

    /// <summary>Captions of each image.</summary>
    int CaptionsPerImage { get; }

    /// <summary>Size of a region feature (D).</summary>
    int FeatureDim { get; }

    /// <summary>Size of a token feature (W); 0 where captions are word ids.</summary>
    int WordDim { get; }

    /// <summary>The words behind the ids, or null where captions are word pieces or features.</summary>
    Vocabulary? Vocabulary { get; }

    /// <summary>The word pieces behind the ids, or null where captions are none.</summary>
    WordPieceVocabulary? Pieces => null;

    /// <summary>Ids that captions are made of, words or word pieces; 0 where captions are features.</summary>
    int VocabularySize => Vocabulary?.Count ?? 0;

    /// <summary>Positions of the split's longest caption, start and end included; 0 where that is not known before it
    /// is read.</summary>
    int LongestCaption => 0;

    /// <summary>Captions that lost words to <see cref="DatasetOptions.MaxWords"/>.</summary>
    int TruncatedCaptions { get; }

    /// <summary>How the plan goes through the split by its shards (<c>data.order: sharded</c>); null where any sample
    /// may be anywhere.</summary>
    ShardOrder? Shards => null;

    /// <summary>Whether what is loaded shortly is all that <see cref="Expect"/> needs to be told: all of it lies in
    /// files of this machine, of which single images are read and not whole shards.</summary>
    bool IsAtHand => false;

    /// <summary>Says that samples will be loaded soon, so that those far away can be on their way. Returns at once,
    /// promises nothing.</summary>
    /// <param name="samples">Sample ids.</param>
    void Expect(ReadOnlySpan<int> samples)
    {
    }

    /// <summary>Images and captions of samples, one row each. Waits for what has to come from afar.</summary>
    /// <param name="samples">Sample ids, in any order, also repeated; may be none.</param>
    /// <param name="cancellationToken">Lets the wait go.</param>
    NamedTensors Load(ReadOnlySpan<int> samples, CancellationToken cancellationToken = default);

    /// <summary>The image side alone; <c>sample</c> holds the image indices.</summary>
    /// <param name="imageIndices">Images, in any order.</param>
    /// <param name="cancellationToken">Lets the wait for far ones go.</param>
    NamedTensors LoadImages(ReadOnlySpan<int> imageIndices, CancellationToken cancellationToken = default);

    /// <summary>The text side alone.</summary>
    /// <param name="captionIndices">Captions (sample ids), in any order.</param>
    /// <param name="cancellationToken">Lets the wait for far ones go.</param>
    NamedTensors LoadCaptions(ReadOnlySpan<int> captionIndices, CancellationToken cancellationToken = default);

    /// <summary>The text side for free text; <c>sample</c> counts the texts from 0.</summary>
    /// <param name="texts">Queries.</param>
    /// <exception cref="DataException">A query has no word, or none that is known, or captions are
    /// features.</exception>
    NamedTensors TextBatch(IReadOnlyList<string> texts);

    /// <summary>The caption of a sample, as written.</summary>
    /// <param name="sample">A sample id.</param>
    string Caption(int sample);

    /// <summary>The name of an image in its data set.</summary>
    /// <param name="image">An image index.</param>
    string ImageId(int image);

    /// <summary>The image of a sample.</summary>
    /// <param name="sample">A sample id.</param>
    int ImageOfCaption(int sample);
}
