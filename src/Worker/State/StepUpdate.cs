using System.Buffers;
using Colony.Collective;
using Colony.Model;
using Colony.Torch;

namespace Colony.Worker;

/// <summary>
/// Everything that turns the replica of a step into that of the next one without data: the reduced and clipped
/// gradients, the next grid, the combined buffers. The same bits on every worker that computed the step, so it can be
/// sent to one that did not. Its memory is used again for later steps; see <see cref="UpdateShelf"/>.
/// </summary>
internal sealed class StepUpdate : IDisposable
{
    private const string GridName = "grid";
    private const string BuffersName = "buffers";
    private const string GivenName = "given";
    private const string PlateauName = "plateau";
    private const string GradientPrefix = "gradient.";

    private readonly string[] _names;
    private readonly IMemoryOwner<byte>[] _memory;
    private readonly byte[] _grid;

    /// <summary>Makes room for the updates of a replica, in host memory.</summary>
    public StepUpdate(Replica replica)
    {
        _names = [.. replica.Names.Select(n => GradientPrefix + n)];
        Gradients = [.. replica.Parameters.Select(p => torch.zeros(p.shape).DetachFromDisposeScope())];
        _memory = [.. Gradients.Select(g => g.byteOwner())];
        _grid = new byte[replica.Layout.Blocks * sizeof(short)];
        Buffers = new byte[replica.Buffers.Bytes];
        Given = new byte[Gradients.Count];
        Plateau = new byte[replica.HasPlateau ? PlateauState.Length * sizeof(double) : 0];
        Bytes = (Gradients.Sum(g => g.numel()) * sizeof(float)) + _grid.Length + Buffers.Length + Given.Length
            + Plateau.Length;
    }

    /// <summary>The step that one is at after it.</summary>
    public long Step { get; set; }

    /// <summary>A gradient was not finite: parameters, optimizer and buffers stay as they are.</summary>
    public bool Skipped { get; set; }

    /// <summary>Digest of the whole state after it; null when none was taken.</summary>
    public ulong? Digest { get; set; }

    /// <summary>One float32 tensor a parameter, in host memory, as the optimizer takes it.</summary>
    public IReadOnlyList<Tensor> Gradients { get; }

    /// <summary>One byte a gradient: 1 when some slice, or the objective, gave one. A parameter without is left alone
    /// by the optimizer, as PyTorch leaves it; its gradient here is zeros.</summary>
    public byte[] Given { get; }

    /// <summary>The model's buffers after the step, as <see cref="ModelBuffers"/> lays them out.</summary>
    public byte[] Buffers { get; }

    /// <summary>The <see cref="PlateauState"/> after the step; empty where the job has none.</summary>
    public byte[] Plateau { get; }

    /// <summary>Memory that it takes.</summary>
    public long Bytes { get; }

    /// <summary>Those who read it, the shelf among them; the shelf's to count.</summary>
    public int Users { get; set; }

    /// <summary>The grid of the step after it.</summary>
    /// <exception cref="ArgumentException">What was received is no grid of the layout.</exception>
    public Grid NextGrid(GridLayout layout) => Grid.FromBytes(layout, _grid);

    /// <summary>Sets the grid of the step after it.</summary>
    public void SetGrid(Grid grid) => grid.ToBytes().CopyTo(_grid, 0);

    /// <summary>What travels: memory to send from or to receive into.</summary>
    public IReadOnlyList<TransferTensor> Transfers(bool skipped)
    {
        var transfers = new List<TransferTensor> { new(GridName, "I16", [_grid.Length / sizeof(short)], _grid) };
        if (Plateau.Length > 0)
        {
            transfers.Add(new(PlateauName, "F64", [PlateauState.Length], Plateau));
        }

        if (skipped)
        {
            return transfers;
        }

        if (Buffers.Length > 0)
        {
            transfers.Add(new(BuffersName, "U8", [Buffers.Length], Buffers));
        }

        transfers.Add(new(GivenName, "U8", [Given.Length], Given));
        for (int i = 0; i < _names.Length; i++)
        {
            transfers.Add(new(_names[i], "F32", Gradients[i].shape, _memory[i].Memory));
        }

        return transfers;
    }

    public void Dispose()
    {
        for (int i = 0; i < _memory.Length; i++)
        {
            _memory[i].Dispose();
            Gradients[i].Dispose();
        }
    }
}
