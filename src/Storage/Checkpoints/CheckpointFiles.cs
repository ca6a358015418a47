using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;

namespace Colony.Storage;

/// <summary>Reads and writes a catalog's single objects; no policy.</summary>
internal sealed class CheckpointFiles(IObjectStore store, Action<string> notice)
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>Reads a step's manifest.</summary>
    /// <exception cref="CheckpointException">It is missing, damaged, or another step's.</exception>
    public async Task<CheckpointManifest> ManifestAsync(long step, CancellationToken ct)
    {
        var key = CheckpointNames.Manifest(step);
        byte[] text;
        try
        {
            text = await store.ReadAllAsync(key, CheckpointJson.MaxManifestBytes, ct).ConfigureAwait(false);
        }
        catch (ObjectNotFoundException e)
        {
            throw new CheckpointException(
                $"there is no committed checkpoint of step {step} in {store.Location}: list them with 'colony "
                + "checkpoint ls'.", e);
        }

        if (!CheckpointJson.TryRead(text, out var manifest, out var problem))
        {
            throw new CheckpointException(
                $"'{key}' in {store.Location} is damaged: {problem}; resume from an older checkpoint.");
        }

        return manifest.Step == step
            ? manifest
            : throw new CheckpointException(
                $"'{key}' in {store.Location} is of step {manifest.Step}: the folder was renamed; give it its name "
                + "back.");
    }

    /// <summary>Checks a manifest's parts against the sizes found.</summary>
    public void CheckSizes(CheckpointManifest manifest, CheckpointFolder folder)
    {
        foreach (var part in manifest.Parts)
        {
            long? found = folder.Files.TryGetValue(part.Name, out var bytes) ? bytes : null;
            if (found != part.Bytes)
            {
                var key = CheckpointNames.Folder(manifest.Step) + part.Name;
                throw CheckpointException.Size(store, key, part.Bytes, found);
            }
        }
    }

    /// <summary>Hashes every part of a manifest.</summary>
    public async Task VerifyAsync(CheckpointManifest manifest, CancellationToken ct)
    {
        foreach (var part in manifest.Parts)
        {
            var key = CheckpointNames.Folder(manifest.Step) + part.Name;
            var found = await HashAsync(key, part, ct).ConfigureAwait(false);
            if (found.Bytes != part.Bytes)
            {
                throw CheckpointException.Size(store, key, part.Bytes, found.Bytes);
            }

            if (found.Sha256 != part.Sha256)
            {
                throw CheckpointException.Hash(store, key, part.Sha256, found.Sha256);
            }
        }
    }

    /// <summary>The step that a pointer names; null when there is none, or it cannot be read.</summary>
    public async Task<CheckpointPointer?> PointerAsync(string key, CancellationToken ct)
    {
        try
        {
            var text = await store.ReadAllAsync(key, CheckpointJson.MaxSmallBytes, ct).ConfigureAwait(false);
            return JsonSerializer.Deserialize(text, CheckpointJsonContext.Default.CheckpointPointer);
        }
        catch (ObjectNotFoundException)
        {
            return null;
        }
        catch (JsonException)
        {
            notice($"'{key}' in {store.Location} is damaged and is passed over; the next checkpoint writes it anew.");
            return null;
        }
    }

    public Task PutPointerAsync(string key, CheckpointPointer pointer, CancellationToken ct) => store.PutAsync(
        key, JsonSerializer.SerializeToUtf8Bytes(pointer, CheckpointJsonContext.Default.CheckpointPointer), ct);

    /// <summary>The evaluation of a step: the one beside the manifest, or else the one in it.</summary>
    public async Task<EvaluationSummary?> EvaluationAsync(
        CheckpointManifest manifest, CheckpointFolder folder, CancellationToken ct)
    {
        var key = CheckpointNames.Evaluation(manifest.Step);
        if (!folder.Files.ContainsKey(Path.GetFileName(key)))
        {
            return manifest.Evaluation;
        }

        try
        {
            var text = await store.ReadAllAsync(key, CheckpointJson.MaxSmallBytes, ct).ConfigureAwait(false);
            return JsonSerializer.Deserialize(text, CheckpointJsonContext.Default.EvaluationSummary);
        }
        catch (JsonException)
        {
            notice($"'{key}' in {store.Location} is damaged and is passed over; evaluate step {manifest.Step} again.");
            return manifest.Evaluation;
        }
    }

    public Task PutEvaluationAsync(long step, EvaluationSummary evaluation, CancellationToken ct) => store.PutAsync(
        CheckpointNames.Evaluation(step),
        JsonSerializer.SerializeToUtf8Bytes(evaluation, CheckpointJsonContext.Default.EvaluationSummary),
        ct);

    /// <summary>Reads the header of a part that is about to be committed.</summary>
    public async Task<SafetensorsHeader> HeaderAsync(long step, CheckpointPart part, CancellationToken ct)
    {
        var key = CheckpointNames.Folder(step) + part.Name;
        var stream = await store.OpenReadAsync(key, ct).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            return await SafetensorsHeader.ReadAsync(stream, key, part.Bytes, ct).ConfigureAwait(false);
        }
    }

    private async Task<WrittenFile> HashAsync(string key, CheckpointPart part, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            var stream = await store.OpenReadAsync(key, ct).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                var bytes = 0L;
                int read;
                while ((read = await stream.ReadAsync(buffer, ct).ConfigureAwait(false)) > 0)
                {
                    hash.AppendData(buffer, 0, read);
                    bytes += read;
                }

                return new WrittenFile(bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
            }
        }
        catch (ObjectNotFoundException)
        {
            throw CheckpointException.Size(store, key, part.Bytes, null);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
